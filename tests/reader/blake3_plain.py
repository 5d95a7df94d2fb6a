"""BLAKE3 of bytes, in plain Python: slow, and independent of the library's. From the BLAKE3 paper, section 2."""

import struct

INITIAL = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTED = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
MIXED = (
    (0, 4, 8, 12),
    (1, 5, 9, 13),
    (2, 6, 10, 14),
    (3, 7, 11, 15),
    (0, 5, 10, 15),
    (1, 6, 11, 12),
    (2, 7, 8, 13),
    (3, 4, 9, 14),
)
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8
BLOCK, CHUNK = 64, 1024
WORD = 0xFFFFFFFF


def compress(chain, words, counter, size, flags):
    """The first eight words of the compression function."""
    state = [*chain, *INITIAL[:4], counter & WORD, counter >> 32, size, flags]
    for _ in range(7):
        for (a, b, c, d), x, y in zip(MIXED, words[0::2], words[1::2]):
            va, vb, vc, vd = state[a], state[b], state[c], state[d]
            va = (va + vb + x) & WORD
            vd ^= va
            vd = (vd >> 16 | vd << 16) & WORD
            vc = (vc + vd) & WORD
            vb ^= vc
            vb = (vb >> 12 | vb << 20) & WORD
            va = (va + vb + y) & WORD
            vd ^= va
            vd = (vd >> 8 | vd << 24) & WORD
            vc = (vc + vd) & WORD
            vb ^= vc
            state[a], state[b], state[c], state[d] = va, (vb >> 7 | vb << 25) & WORD, vc, vd
        words = [words[i] for i in PERMUTED]
    return tuple(state[i] ^ state[i + 8] for i in range(8))


def chunk_value(chunk, counter, root):
    chain = INITIAL
    blocks = [chunk[at : at + BLOCK] for at in range(0, len(chunk), BLOCK)] or [b""]
    for i, block in enumerate(blocks):
        last = i == len(blocks) - 1
        flags = (CHUNK_START if i == 0 else 0) | (CHUNK_END if last else 0) | (ROOT if last and root else 0)
        chain = compress(chain, struct.unpack("<16I", block.ljust(BLOCK, b"\0")), counter, len(block), flags)
    return chain


def tree_value(data, first_chunk, root):
    chunks = max(1, -(-len(data) // CHUNK))
    if chunks == 1:
        return chunk_value(data, first_chunk, root)
    left = 1 << (chunks - 1).bit_length() - 1  # the largest power of two below the number of chunks
    words = tree_value(data[: left * CHUNK], first_chunk, False) + tree_value(
        data[left * CHUNK :], first_chunk + left, False
    )
    return compress(INITIAL, words, 0, BLOCK, PARENT | (ROOT if root else 0))


def blake3(data):
    """The hash, 32 bytes."""
    return struct.pack("<8I", *tree_value(bytes(data), 0, True))
