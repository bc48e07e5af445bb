// The API's reference: Swagger UI over the OpenAPI document.

window.SwaggerUIBundle({
  dom_id: "#reference",
  url: new URL("openapi.json", document.baseURI).href,
  presets: [window.SwaggerUIBundle.presets.apis],
  deepLinking: true,
  validatorUrl: null, // which would send the document's address to another host
});
