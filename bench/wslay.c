/*
 * Walks frames with wslay, frame by frame, as its frame API is meant to be used: bench/wslay.mjs builds and runs it.
 *
 *   wslay FILE CHUNK   reads FILE, a stream of frames, in chunks of at most CHUNK bytes, once for each line of input;
 *                      answers "nanoseconds frames payload-bytes checksum"; the checksum is of the first walk only, else 0.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wslay/wslay.h>

struct input {
  const uint8_t *bytes;
  size_t size, at, chunk;
};

struct tally {
  uint64_t frames, bytes;
  int32_t sum;
};

static ssize_t receive(uint8_t *target, size_t capacity, int flags, void *user_data) {
  struct input *in = user_data;
  size_t size = in->size - in->at;
  (void)flags;
  if (size > in->chunk) size = in->chunk;
  if (size > capacity) size = capacity;
  if (size == 0) return -1;
  memcpy(target, in->bytes + in->at, size);
  in->at += size;
  return (ssize_t)size;
}

/* The same checksum as in bench/contenders.mjs. */
static void sum_up(struct tally *tally, const struct wslay_frame_iocb *piece) {
  for (size_t i = 0; i < piece->data_length; i++) tally->sum = (int32_t)((uint32_t)tally->sum * 31 + piece->data[i]);
}

/* A frame comes in pieces; it ends after as many bytes as its header says. */
static void walk(struct input *in, struct tally *tally, int summing) {
  struct wslay_frame_callbacks callbacks = {.recv_callback = receive};
  wslay_frame_context_ptr context;
  uint64_t received = 0;
  if (wslay_frame_context_init(&context, &callbacks, in) != 0) exit(1);
  in->at = 0;
  for (;;) {
    struct wslay_frame_iocb piece;
    memset(&piece, 0, sizeof piece);
    if (wslay_frame_recv(context, &piece) < 0) break;
    if (!piece.fin || piece.opcode != WSLAY_BINARY_FRAME || piece.rsv != 0 || !piece.mask) exit(1);
    if (summing) sum_up(tally, &piece);
    received += piece.data_length;
    if (received < piece.payload_length) continue;
    tally->frames++;
    tally->bytes += received;
    received = 0;
  }
  wslay_frame_context_free(context);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static struct input load(const char *path, const char *chunk) {
  struct input in = {.chunk = strtoul(chunk, NULL, 10)};
  FILE *file = fopen(path, "rb");
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) exit(1);
  in.size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(in.size);
  if (bytes == NULL || fread(bytes, 1, in.size, file) != in.size) exit(1);
  fclose(file);
  in.bytes = bytes;
  return in;
}

int main(int count, char **words) {
  if (count != 3) return 1;
  struct input in = load(words[1], words[2]);
  int summing = 1;
  while (getchar() == '\n') {
    struct tally tally = {0, 0, 0};
    uint64_t start = now();
    walk(&in, &tally, summing);
    printf("%llu %llu %llu %d\n", (unsigned long long)(now() - start), (unsigned long long)tally.frames,
           (unsigned long long)tally.bytes, tally.sum);
    fflush(stdout);
    summing = 0;
  }
  return 0;
}
