/*
 * A client that keeps a server busy at little cost of its own, so that the server is what is measured: opens connections, prints
 * "open", and for each line that it reads writes a batch of bytes to all of them repeatedly, each once the last one has come back.
 *
 *   echo-client PORT CONNECTIONS REQUEST_FILE
 *
 * A line names a file with one batch, the number of bytes that come back for it, the number of batches and how many connections
 * write. With fewer writers than connections all of them wait: the next batch is written once every connection has got its bytes.
 * The answer is the total time in nanoseconds. Bytes are only counted here; their contents are checked elsewhere.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct end {
  int socket;
  long left;    /* bytes to come, for all batches */
  long awaited; /* bytes to come, for this batch */
};

static char batch[1 << 20], input[1 << 20];
static long batch_size;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long read_file(const char *path, char *target, long capacity) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  long size = fread(target, 1, capacity, file);
  fclose(file);
  return size;
}

/* Batches fit into a socket's buffer, so a partial write is waited for. */
static void send_batch(int socket) {
  for (long sent = 0; sent < batch_size;) {
    long size = write(socket, batch + sent, batch_size - sent);
    if (size < 0) fail("write");
    sent += size;
  }
}

static int open_end(int port, const char *request, long size) {
  int end = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(end, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (write(end, request, size) != size) fail("request");
  long got = 0;
  while (got < 4 || memcmp(input + got - 4, "\r\n\r\n", 4) != 0) {
    long more = read(end, input + got, 1);
    if (more <= 0) fail("response");
    got += more;
  }
  if (memcmp(input, "HTTP/1.1 101", 12) != 0) fail("not switched");
  return end;
}

/* One turn of a connection. Returns whether it has finished all of its batches. */
static int take(struct end *end, long echo_size) {
  long size = read(end->socket, input, sizeof input);
  if (size <= 0) fail("read");
  end->left -= size;
  end->awaited -= size;
  if (end->left == 0) return 1;
  if (end->awaited == 0) {
    end->awaited = echo_size;
    send_batch(end->socket);
  }
  return 0;
}

static long elapsed(struct timespec *begun) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - begun->tv_sec) * 1000000000L + now.tv_nsec - begun->tv_nsec;
}

/* Sends `batches` batches to each end, and waits until all ends have got the bytes of all. */
static void exchange(int poll, struct end *ends, int count, int writers, long echo_size, long batches) {
  struct epoll_event events[256];
  int busy = count;
  for (int i = 0; i < count; i++) {
    ends[i].awaited = echo_size;
    ends[i].left = echo_size * batches;
  }
  for (int i = 0; i < writers; i++) send_batch(ends[i].socket);
  while (busy > 0) {
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) busy -= take(events[i].data.ptr, echo_size);
  }
}

static long run(int poll, struct end *ends, int count, int writers, long echo_size, long batches) {
  struct timespec begun;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  if (writers == count) exchange(poll, ends, count, writers, echo_size, batches);
  else
    for (long i = 0; i < batches; i++) exchange(poll, ends, count, writers, echo_size, 1);
  return elapsed(&begun);
}

/* Allows as many sockets as the system lets a user have. */
static void allow_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) fail("limit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) fail("limit");
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  allow_files();
  int port = atoi(argv[1]), count = atoi(argv[2]), poll = epoll_create1(0);
  struct end *ends = calloc(count, sizeof *ends);
  long request_size = read_file(argv[3], batch, sizeof batch);
  for (int i = 0; i < count; i++) {
    ends[i].socket = open_end(port, batch, request_size);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &ends[i]};
    epoll_ctl(poll, EPOLL_CTL_ADD, ends[i].socket, &event);
  }
  printf("open\n");
  fflush(stdout);
  char path[4096];
  long echo_size, batches;
  int writers;
  while (scanf("%4095s %ld %ld %d", path, &echo_size, &batches, &writers) == 4) {
    batch_size = read_file(path, batch, sizeof batch);
    printf("%ld\n", run(poll, ends, count, writers, echo_size, batches));
    fflush(stdout);
  }
  return 0;
}
