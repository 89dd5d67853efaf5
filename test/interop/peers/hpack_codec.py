"""The codec of python3-hpack behind lines of JSON: one line in for each connection, one line out.

In:  {"decode": [block, ...]}                            blocks in hexadecimal, in the order of the wire
     {"encode": [[size, huffman, fields], ...]}          size: the table's new size, or null; fields: [name, value, sensitive]
Out: {"sections": [[[name, value, sensitive], ...], ...], "error": text or null}     as far as the first fault
     {"blocks": [block, ...]}
A string has one character for each octet.
"""
import json
import sys

from hpack import Decoder, Encoder, NeverIndexedHeaderTuple


def decode(blocks):
    decoder = Decoder(max_header_list_size=1 << 30)
    sections = []
    for block in blocks:
        try:
            fields = decoder.decode(bytes.fromhex(block), raw=True)
        except Exception as error:
            return {"sections": sections, "error": repr(error)}
        sections.append([
            [field[0].decode("latin-1"), field[1].decode("latin-1"), isinstance(field, NeverIndexedHeaderTuple)]
            for field in fields
        ])
    return {"sections": sections, "error": None}


def encode(steps):
    encoder = Encoder()
    blocks = []
    for size, huffman, fields in steps:
        if size is not None:
            encoder.header_table_size = size
        lines = [(name.encode("latin-1"), value.encode("latin-1"), sensitive) for name, value, sensitive in fields]
        blocks.append(encoder.encode(lines, huffman=huffman).hex())
    return {"blocks": blocks}


for line in sys.stdin:
    task = json.loads(line)
    answer = decode(task["decode"]) if "decode" in task else encode(task["encode"])
    sys.stdout.write(json.dumps(answer) + "\n")
