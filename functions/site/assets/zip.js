/** Zips (APPNOTE.TXT 4.3): of files that are compressed already, so they are stored; and those of the API, to open. */

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

const crc32 = (bytes) => ~bytes.reduce((crc, byte) => CRC[(crc ^ byte) & 255] ^ (crc >>> 8), -1) >>> 0;

/** `files`: pairs of a name in ASCII and its bytes. */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const encoded = new TextEncoder().encode(name);
    // Version, flags, method, time, 1 January 1980, checksum, sizes, length of the name, length of the extra field.
    const common = numbers([2, 20], [2, 0], [2, 0], [2, 0], [2, 33], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, encoded.length], [2, 0]);
    parts.push(numbers([4, 0x04034b50]), common, encoded, bytes);
    directory.push(numbers([4, 0x02014b50], [2, 20]), common, numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), encoded);
    offset += 4 + common.length + encoded.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Little-endian numbers, each given with its length in bytes. */
function numbers(...given) {
  return Uint8Array.from(given.flatMap(([length, value]) => Array.from({ length }, (_, n) => (value >>> (8 * n)) & 255)));
}

const END_BYTES = 22;
const TOO_LARGE = 0xffffffff; // stands for a number of more than 32 bits, which only follows elsewhere

/** The files of a zip without a comment: for each name, a function that gives its content as a Blob. */
export async function unzip(blob) {
  const end = await bytes(blob, blob.size - END_BYTES, END_BYTES);
  const [length, start] = [end.getUint32(12, true), end.getUint32(16, true)];
  if (start === TOO_LARGE) throw new Error("The result is too large for this page: use the API.");
  const directory = await bytes(blob, start, length);
  const files = new Map();
  for (let at = 0; at < length; ) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.getUint16(at + offset, true));
    const text = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, name));
    const deflated = directory.getUint16(at + 10, true) === 8;
    const [packed, place] = [20, 42].map((offset) => directory.getUint32(at + offset, true));
    files.set(text, () => content(blob, place, packed, deflated));
    at += 46 + name + extra + comment;
  }
  return files;
}

async function content(blob, place, packed, deflated) {
  const header = await bytes(blob, place, 30);
  const start = place + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const part = blob.slice(start, start + packed);
  return deflated ? new Response(part.stream().pipeThrough(new DecompressionStream("deflate-raw"))).blob() : part;
}

async function bytes(blob, start, length) {
  return new DataView(await blob.slice(start, start + length).arrayBuffer());
}
