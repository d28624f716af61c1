/**
 * Unmasks and decodes short texts in one step. If a string of more than twelve characters is concatenated, engines keep it in parts and
 * flatten it on first use, which costs more than everything else here. A single call creates a flat string.
 *
 * @module
 */

/**
 * Unmasks and decodes 13 to 24 bytes; returns `undefined` if the text is not ASCII.
 *
 * @param size A whole number from 13 to 24.
 * @param key XORed with each group of four bytes, its highest octet with the first byte.
 */
export function unmask13To24(bytes: Uint8Array, start: number, size: number, key: number): string | undefined {
  const key0 = key >>> 24
  const key1 = (key >>> 16) & 0xff
  const key2 = (key >>> 8) & 0xff
  const key3 = key & 0xff
  const a = (bytes[start] as number) ^ key0
  const b = (bytes[start + 1] as number) ^ key1
  const c = (bytes[start + 2] as number) ^ key2
  const d = (bytes[start + 3] as number) ^ key3
  const e = (bytes[start + 4] as number) ^ key0
  const f = (bytes[start + 5] as number) ^ key1
  const g = (bytes[start + 6] as number) ^ key2
  const h = (bytes[start + 7] as number) ^ key3
  const i = (bytes[start + 8] as number) ^ key0
  const j = (bytes[start + 9] as number) ^ key1
  const k = (bytes[start + 10] as number) ^ key2
  const l = (bytes[start + 11] as number) ^ key3
  const m = (bytes[start + 12] as number) ^ key0
  const n = size > 13 ? (bytes[start + 13] as number) ^ key1 : 0
  const o = size > 14 ? (bytes[start + 14] as number) ^ key2 : 0
  const p = size > 15 ? (bytes[start + 15] as number) ^ key3 : 0
  const q = size > 16 ? (bytes[start + 16] as number) ^ key0 : 0
  const r = size > 17 ? (bytes[start + 17] as number) ^ key1 : 0
  const s = size > 18 ? (bytes[start + 18] as number) ^ key2 : 0
  const t = size > 19 ? (bytes[start + 19] as number) ^ key3 : 0
  const u = size > 20 ? (bytes[start + 20] as number) ^ key0 : 0
  const v = size > 21 ? (bytes[start + 21] as number) ^ key1 : 0
  const w = size > 22 ? (bytes[start + 22] as number) ^ key2 : 0
  const x = size > 23 ? (bytes[start + 23] as number) ^ key3 : 0
  const bits = a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r | s | t | u | v | w | x
  if (bits > 0x7f) return undefined
  switch (size) {
    case 13:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m)
    case 14:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n)
    case 15:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o)
    case 16:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
    case 17:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)
    case 18:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r)
    case 19:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s)
    case 20:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t)
    case 21:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u)
    case 22:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v)
    case 23:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w)
    default:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x)
  }
}
