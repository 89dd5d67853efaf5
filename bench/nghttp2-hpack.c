/* The HPACK of libnghttp2 under the same work as ours, for bench/hpack.ts, which compiles and calls it:
 *     nghttp2-hpack decode|encode cold|warm FILE MILLISECONDS
 * FILE is a list: its length, then each item. An item is a field block (length and octets), or a field section (number
 * of strings, then each string's length and octets, names and values in turn). All numbers have 32 bits, little-endian.
 * Prints passes, seconds of processor time, octets of the blocks in one pass, and the checksum of one pass.
 *
 * The library's functions are declared here, so that its header files need not be installed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint8_t *name, *value;
  size_t namelen, valuelen;
  uint8_t flags;
} nghttp2_nv;
typedef struct nghttp2_hd_inflater nghttp2_hd_inflater;
typedef struct nghttp2_hd_deflater nghttp2_hd_deflater;
int nghttp2_hd_inflate_new(nghttp2_hd_inflater **);
void nghttp2_hd_inflate_del(nghttp2_hd_inflater *);
ssize_t nghttp2_hd_inflate_hd2(nghttp2_hd_inflater *, nghttp2_nv *, int *, const uint8_t *, size_t, int);
int nghttp2_hd_inflate_end_headers(nghttp2_hd_inflater *);
int nghttp2_hd_deflate_new(nghttp2_hd_deflater **, size_t);
void nghttp2_hd_deflate_del(nghttp2_hd_deflater *);
ssize_t nghttp2_hd_deflate_hd(nghttp2_hd_deflater *, uint8_t *, size_t, const nghttp2_nv *, size_t);
enum { INFLATE_FINAL = 1, INFLATE_EMIT = 2 };

typedef struct {
  const uint8_t *block; /* decode */
  nghttp2_nv *fields;   /* encode */
  size_t length;
} item;

static const uint8_t *input;
static item *items;
static uint32_t count;
static int cold;
static size_t octets;
static uint32_t checksum;
static uint8_t out[1 << 16];

static void die(const char *what) {
  fprintf(stderr, "nghttp2-hpack: %s\n", what);
  exit(1);
}

static uint32_t number(void) {
  uint32_t n = input[0] | input[1] << 8 | input[2] << 16 | (uint32_t)input[3] << 24;
  input += 4;
  return n;
}

static const uint8_t *string(size_t *length) {
  const uint8_t *bytes;
  *length = number();
  bytes = input;
  input += *length;
  return bytes;
}

static void load(const char *path, int decode) {
  FILE *file = fopen(path, "rb");
  if (!file) die("no such file");
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(size);
  if (fread(bytes, 1, size, file) != (size_t)size) die("short read");
  fclose(file);
  input = bytes;
  count = number();
  items = calloc(count, sizeof *items);
  for (uint32_t i = 0; i < count; i++) {
    if (decode) {
      items[i].block = string(&items[i].length);
      continue;
    }
    items[i].length = number() / 2;
    items[i].fields = calloc(items[i].length, sizeof(nghttp2_nv));
    for (size_t f = 0; f < items[i].length; f++) {
      nghttp2_nv *field = &items[i].fields[f];
      field->name = (uint8_t *)string(&field->namelen);
      field->value = (uint8_t *)string(&field->valuelen);
    }
  }
}

static void decode_pass(void) {
  nghttp2_hd_inflater *inflater;
  nghttp2_hd_inflate_new(&inflater);
  for (uint32_t i = 0; i < count; i++) {
    if (cold && i > 0) {
      nghttp2_hd_inflate_del(inflater);
      nghttp2_hd_inflate_new(&inflater);
    }
    const uint8_t *at = items[i].block;
    size_t left = items[i].length;
    octets += left;
    for (int flags = 0; !(flags & INFLATE_FINAL);) {
      nghttp2_nv field;
      flags = 0;
      ssize_t used = nghttp2_hd_inflate_hd2(inflater, &field, &flags, at, left, 1);
      if (used < 0) die("a block that it can't decode");
      at += used;
      left -= used;
      if (!(flags & INFLATE_EMIT)) continue;
      checksum += field.namelen + field.valuelen + field.name[0];
      if (field.valuelen > 0) checksum += field.value[field.valuelen - 1];
    }
    nghttp2_hd_inflate_end_headers(inflater);
  }
  nghttp2_hd_inflate_del(inflater);
}

static void encode_pass(void) {
  nghttp2_hd_deflater *deflater;
  nghttp2_hd_deflate_new(&deflater, 4096);
  for (uint32_t i = 0; i < count; i++) {
    if (cold && i > 0) {
      nghttp2_hd_deflate_del(deflater);
      nghttp2_hd_deflate_new(&deflater, 4096);
    }
    ssize_t length = nghttp2_hd_deflate_hd(deflater, out, sizeof out, items[i].fields, items[i].length);
    if (length < 0) die("a section that it can't encode");
    octets += length;
    checksum += length;
  }
  nghttp2_hd_deflate_del(deflater);
}

static double processor_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  if (argc != 5) die("usage: nghttp2-hpack decode|encode cold|warm FILE MILLISECONDS");
  int decode = strcmp(argv[1], "decode") == 0;
  cold = strcmp(argv[2], "cold") == 0;
  load(argv[3], decode);
  void (*pass)(void) = decode ? decode_pass : encode_pass;
  pass(); /* caches and memory are warm, as they are for the other sides */
  int passes = 0;
  double start = processor_seconds(), seconds = 0;
  for (; seconds * 1000 < atof(argv[4]); passes++) {
    octets = checksum = 0;
    pass();
    seconds = processor_seconds() - start;
  }
  printf("%d %.9f %zu %d\n", passes, seconds, octets, (int32_t)checksum);
  return 0;
}
