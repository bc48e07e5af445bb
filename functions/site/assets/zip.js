/** A zip of files that are compressed already, so they are stored as they are (APPNOTE.TXT 4.3). */

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
