/* Preloaded into a process: one call of the C library fails once, the n-th of its name.
 *
 * RINGBACK_FAIL=send:3 makes the third send() fail, RINGBACK_FAIL=malloc:7 the seventh malloc(). The
 * error is one that the function may fail with, another one for every n; RINGBACK_FAIL=send:3:105
 * says which.
 *
 * RINGBACK_FAIL_CHANNEL=FD: a socket on which lines go to and fro, so that a test knows what it has
 * tried and can try many things in one process. "failed" is said when it has happened. Asked are
 * "fail send:3", from then on, answered "armed"; "memory", answered "memory BYTES", what malloc() has
 * given out; "called", answered "called NAME NAME...", which of these functions were called; "clock
 * SECONDS", from then on the wall clock is so far from that of the machine, answered "set".
 *
 * RINGBACK_FAIL_NAME=NAME: a host name that getaddrinfo() knows here, 127.0.0.1.
 * RINGBACK_HANG_NAME=NAME: one of which it never knows anything, nor says so.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { most_errors = 4, most_functions = 64, plans = 16, longest_line = 4096 };

struct plan {
    char function[32];
    long nth;
    int error;          /* 0: one of those that the function may fail with */
    atomic_long calls;
};
static struct plan all_plans[plans]; /* used in turn: a call may still look at the one before */
static unsigned plans_used;
static struct plan* _Atomic plan;

static const char* _Atomic called[most_functions];
static atomic_int called_count;

static int channel = -1;
static const char* known_name;
static const char* hanging_name;
static atomic_long clock_offset; /* seconds */
static atomic_int in_main;      /* before main() nobody can catch anything, and nothing can be lost */

/* "send:3:105" */
static void take_plan(const char* text) {
    struct plan* const fresh = &all_plans[plans_used++ % plans];
    const char* const colon = strchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof fresh->function) {
        return;
    }
    memcpy(fresh->function, text, (size_t)(colon - text));
    fresh->function[colon - text] = '\0';
    char* behind = NULL;
    fresh->nth = strtol(colon + 1, &behind, 10);
    fresh->error = *behind == ':' ? atoi(behind + 1) : 0;
    atomic_store(&fresh->calls, 0);
    atomic_store(&plan, fresh);
}

/* By the kernel directly: our own functions may be the ones that fail. */
static void say(const char* text, size_t size) {
    if (channel >= 0) {
        syscall(SYS_write, channel, text, size);
    }
}

static void answer(const char* question) {
    char line[longest_line];
    size_t size = 0;
    if (strncmp(question, "fail ", 5) == 0) {
        take_plan(question + 5);
        size = (size_t)snprintf(line, sizeof line, "armed\n");
    } else if (strcmp(question, "memory") == 0) {
        const struct mallinfo2 memory = mallinfo2();
        size = (size_t)snprintf(line, sizeof line, "memory %zu\n", memory.uordblks + memory.hblkhd);
    } else if (strncmp(question, "clock ", 6) == 0) {
        atomic_store(&clock_offset, atol(question + 6));
        size = (size_t)snprintf(line, sizeof line, "set\n");
    } else if (strcmp(question, "called") == 0) {
        size = (size_t)snprintf(line, sizeof line, "called");
        for (int i = 0; i < atomic_load(&called_count) && i < most_functions; ++i) {
            const char* const name = atomic_load(&called[i]);
            size += (size_t)snprintf(line + size, sizeof line - size, " %s", name == NULL ? "?" : name);
        }
        size += (size_t)snprintf(line + size, sizeof line - size, "\n");
    }
    say(line, size);
}

static void* serve_channel(void* nothing) {
    char line[longest_line];
    size_t size = 0;
    for (;;) {
        const long got = syscall(SYS_read, channel, line + size, sizeof line - size);
        if (got <= 0) {
            return nothing;
        }
        size += (size_t)got;
        for (char* end; (end = memchr(line, '\n', size)) != NULL;) {
            *end = '\0';
            answer(line);
            size -= (size_t)(end + 1 - line);
            memmove(line, end + 1, size);
        }
    }
}

__attribute__((constructor)) static void read_environment(void) {
    const char* const number = getenv("RINGBACK_FAIL_CHANNEL");
    const char* const first = getenv("RINGBACK_FAIL");
    known_name = getenv("RINGBACK_FAIL_NAME");
    hanging_name = getenv("RINGBACK_HANG_NAME");
    if (first != NULL) {
        take_plan(first);
    }
    if (number != NULL) {
        channel = atoi(number);
        sigset_t all;
        sigset_t before;
        sigfillset(&all); /* signals are for the others */
        pthread_sigmask(SIG_SETMASK, &all, &before);
        pthread_t thread;
        pthread_create(&thread, NULL, serve_channel, NULL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
}

typedef int (*main_function)(int, char**, char**);
static main_function real_main;
static int counted_main(int argc, char** argv, char** environment) {
    atomic_store(&in_main, 1);
    return real_main(argc, argv, environment);
}
int __libc_start_main(main_function program, int argc, char** argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void* stack_end) {
    __typeof__(&__libc_start_main) start =
        (__typeof__(&__libc_start_main))dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = program;
    return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

static void remember(const char* function, atomic_int* remembered) {
    if (atomic_load(remembered) == 0 && atomic_exchange(remembered, 1) == 0) {
        const int place = atomic_fetch_add(&called_count, 1);
        if (place < most_functions) {
            atomic_store(&called[place], function);
        }
    }
}

/* Which error this call has to fail with; 0: none, it is not the one. `errors` ends with 0. */
static int failure(const char* function, atomic_int* remembered, const int* errors) {
    if (!atomic_load(&in_main)) {
        return 0;
    }
    remember(function, remembered);
    struct plan* const now = atomic_load(&plan);
    if (now == NULL || strcmp(function, now->function) != 0 || atomic_fetch_add(&now->calls, 1) + 1 != now->nth) {
        return 0;
    }
    say("failed\n", 7);
    int known = 0;
    while (known < most_errors && errors[known] != 0) {
        ++known;
    }
    return now->error != 0 ? now->error : errors[(now->nth - 1) % known];
}

#define ERRORS(...) ((const int[most_errors + 1]){__VA_ARGS__})
#define FAILURE(name, ...)                                  \
    ({                                                      \
        static atomic_int remembered;                       \
        failure(name, &remembered, ERRORS(__VA_ARGS__));    \
    })
/* Whether this call is the one; errno is set then. */
#define FAILS(name, ...)                                    \
    ({                                                      \
        const int before = errno;                           \
        const int error = FAILURE(name, __VA_ARGS__);       \
        errno = error != 0 ? error : before;                \
        error != 0;                                         \
    })

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* type, name, parameters, arguments, errors */
#define FAILING(type, name, parameters, arguments, ...)   \
    type name parameters {                                \
        if (FAILS(#name, __VA_ARGS__)) {                  \
            return (type)-1;                              \
        }                                                 \
        static __typeof__(&name) real;                    \
        if (real == NULL) {                               \
            real = REAL(name);                            \
        }                                                 \
        return real arguments;                            \
    }

FAILING(ssize_t, write, (int fd, const void* bytes, size_t size), (fd, bytes, size), ENOSPC, EIO, EINTR)
FAILING(ssize_t, send, (int fd, const void* bytes, size_t size, int flags), (fd, bytes, size, flags),
        ECONNRESET, EPIPE, EINTR, ENOBUFS)
FAILING(ssize_t, read, (int fd, void* bytes, size_t size), (fd, bytes, size), EIO, EINTR, EAGAIN)
FAILING(ssize_t, recv, (int fd, void* bytes, size_t size, int flags), (fd, bytes, size, flags), ECONNRESET,
        EINTR, ENOMEM, ETIMEDOUT)
FAILING(int, accept4, (int fd, struct sockaddr* from, socklen_t* size, int flags), (fd, from, size, flags),
        ECONNABORTED, EMFILE, ENOBUFS, EPROTO)
FAILING(int, socket, (int domain, int type, int protocol), (domain, type, protocol), EMFILE, ENFILE, ENOBUFS)
FAILING(int, connect, (int fd, const struct sockaddr* to, socklen_t size), (fd, to, size), EADDRNOTAVAIL,
        ECONNREFUSED, ENETUNREACH, EAGAIN)
FAILING(int, bind, (int fd, const struct sockaddr* to, socklen_t size), (fd, to, size), EADDRINUSE, EACCES)
FAILING(int, listen, (int fd, int backlog), (fd, backlog), EADDRINUSE)
FAILING(int, getsockname, (int fd, struct sockaddr* name, socklen_t* size), (fd, name, size), ENOBUFS)
FAILING(int, getsockopt, (int fd, int level, int option, void* value, socklen_t* size),
        (fd, level, option, value, size), ENOBUFS, ENOMEM, EINVAL)
FAILING(int, setsockopt, (int fd, int level, int option, const void* value, socklen_t size),
        (fd, level, option, value, size), EINVAL, ENOMEM, ENOPROTOOPT)
FAILING(int, fdatasync, (int fd), (fd), EIO, ENOSPC, EINTR)
FAILING(int, fsync, (int fd), (fd), EIO, ENOSPC, EINTR)
FAILING(int, fallocate, (int fd, int mode, off_t from, off_t size), (fd, mode, from, size), EOPNOTSUPP,
        ENOSPC, EINTR)
FAILING(int, poll, (struct pollfd* watched, nfds_t count, int milliseconds), (watched, count, milliseconds),
        EINTR, ENOMEM)
FAILING(int, epoll_create1, (int flags), (flags), EMFILE, ENOMEM)
FAILING(int, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event* event),
        (epoll, operation, fd, event), ENOMEM, ENOSPC)
FAILING(int, epoll_wait, (int epoll, struct epoll_event* events, int most, int milliseconds),
        (epoll, events, most, milliseconds), EINTR)
FAILING(ssize_t, sendmsg, (int fd, const struct msghdr* message, int flags), (fd, message, flags), ENOBUFS, EPIPE,
        ECONNRESET, EINTR)
FAILING(ssize_t, recvmsg, (int fd, struct msghdr* message, int flags), (fd, message, flags), ECONNRESET, ENOMEM,
        EINTR)
FAILING(ssize_t, writev, (int fd, const struct iovec* parts, int count), (fd, parts, count), ENOSPC, EIO, EINTR)
FAILING(ssize_t, readv, (int fd, const struct iovec* parts, int count), (fd, parts, count), EIO, EINTR)
FAILING(ssize_t, pread, (int fd, void* bytes, size_t size, off_t from), (fd, bytes, size, from), EIO, EINTR)
FAILING(int, accept, (int fd, struct sockaddr* from, socklen_t* size), (fd, from, size), ECONNABORTED, EMFILE)
FAILING(int, shutdown, (int fd, int how), (fd, how), ENOTCONN, ENOBUFS)
FAILING(int, getpeername, (int fd, struct sockaddr* name, socklen_t* size), (fd, name, size), ENOTCONN, ENOBUFS)
FAILING(int, rename, (const char* from, const char* to), (from, to), EACCES, ENOSPC, EIO, EXDEV)
FAILING(int, unlink, (const char* path), (path), EACCES, EIO, ENOENT)
FAILING(int, mkdir, (const char* path, mode_t mode), (path, mode), EACCES, ENOSPC)
FAILING(int, flock, (int fd, int operation), (fd, operation), EWOULDBLOCK, ENOLCK, EINTR)
FAILING(int, fstat, (int fd, struct stat* found), (fd, found), EIO, ENOMEM)
FAILING(off_t, lseek, (int fd, off_t offset, int whence), (fd, offset, whence), EINVAL)
FAILING(int, ftruncate, (int fd, off_t size), (fd, size), EIO, EINTR)
FAILING(int, pipe, (int ends[2]), (ends), EMFILE, ENFILE)
FAILING(int, pipe2, (int ends[2], int flags), (ends, flags), EMFILE, ENFILE)
FAILING(int, eventfd, (unsigned value, int flags), (value, flags), EMFILE, ENOMEM)
FAILING(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), EMFILE, ENOMEM)
FAILING(int, timerfd_settime, (int fd, int flags, const struct itimerspec* time, struct itimerspec* old),
        (fd, flags, time, old), EINVAL)

/* open() in its spellings counts as one. */
#define OPENING(name)                                                  \
    int name(const char* path, int flags, ...) {                       \
        mode_t mode = 0;                                               \
        if ((flags & (O_CREAT | O_TMPFILE)) != 0) {                    \
            va_list more;                                              \
            va_start(more, flags);                                     \
            mode = va_arg(more, mode_t);                               \
            va_end(more);                                              \
        }                                                              \
        if (FAILS("open", EMFILE, EACCES, EINTR, ENOSPC)) {            \
            return -1;                                                 \
        }                                                              \
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);  \
    }
OPENING(open)
OPENING(open64)

/* Both take one more argument at most, as wide as a pointer. */
#define WITH_ARGUMENT(name, command_type, number, may_fail, ...)       \
    int name(int fd, command_type command, ...) {                      \
        va_list more;                                                  \
        va_start(more, command);                                       \
        void* const argument = va_arg(more, void*);                    \
        va_end(more);                                                  \
        if ((may_fail) && FAILS(#name, __VA_ARGS__)) {                 \
            return -1;                                                 \
        }                                                              \
        return (int)syscall(number, fd, command, argument);            \
    }
/* Of an open file F_SETFL fails for flags that there are not: Asio does not even look. */
WITH_ARGUMENT(fcntl, int, SYS_fcntl, command != F_SETFL, EINVAL, EPERM)
WITH_ARGUMENT(ioctl, unsigned long, SYS_ioctl, 1, ENOTTY, EINVAL)

/* The wall clock in its spellings; the others are as they are. */
int clock_gettime(clockid_t clock, struct timespec* now) {
    const int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += atomic_load(&clock_offset);
    }
    return done;
}
int gettimeofday(struct timeval* restrict now, void* restrict nothing) {
    const int done = (int)syscall(SYS_gettimeofday, now, nothing);
    now->tv_sec += atomic_load(&clock_offset);
    return done;
}
time_t time(time_t* kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept != NULL) {
        *kept = now.tv_sec;
    }
    return now.tv_sec;
}

/* It is closed all the same, as Linux does it. */
int close(int fd) {
    const long done = syscall(SYS_close, fd);
    if (done != 0) {
        errno = EBADF;
        return -1;
    }
    return FAILS("close", EIO, EINTR, ENOSPC) ? -1 : 0;
}

FILE* fopen(const char* path, const char* mode) {
    static __typeof__(&fopen) real;
    if (real == NULL) {
        real = REAL(fopen);
    }
    return FAILS("fopen", EMFILE, EACCES, ENOMEM) ? NULL : real(path, mode);
}

char* mkdtemp(char* path) {
    static __typeof__(&mkdtemp) real;
    if (real == NULL) {
        real = REAL(mkdtemp);
    }
    return FAILS("mkdtemp", EACCES, ENOSPC) ? NULL : real(path);
}

int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
    static __typeof__(&getaddrinfo) real;
    if (real == NULL) {
        real = REAL(getaddrinfo);
    }
    const int error = FAILURE("getaddrinfo", EAI_AGAIN, EAI_MEMORY, EAI_SYSTEM, EAI_NONAME);
    if (error != 0) {
        errno = EMFILE; /* for EAI_SYSTEM */
        return error;
    }
    while (hanging_name != NULL && name != NULL && strcmp(name, hanging_name) == 0) {
        pause();
    }
    if (known_name != NULL && name != NULL && strcmp(name, known_name) == 0) {
        struct addrinfo numeric = hints == NULL ? (struct addrinfo){0} : *hints;
        numeric.ai_flags = AI_NUMERICHOST;
        return real("127.0.0.1", service, &numeric, found);
    }
    return real(name, service, hints, found);
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
    static __typeof__(&pthread_create) real;
    if (real == NULL) {
        real = REAL(pthread_create);
    }
    const int error = FAILURE("pthread_create", EAGAIN);
    return error != 0 ? error : real(thread, attributes, run, argument);
}

/* What operator new, Asio's operations and OpenSSL call. */
void* __libc_malloc(size_t size);
void* malloc(size_t size) { return FAILS("malloc", ENOMEM) ? NULL : __libc_malloc(size); }
void* __libc_calloc(size_t count, size_t size);
void* calloc(size_t count, size_t size) { return FAILS("calloc", ENOMEM) ? NULL : __libc_calloc(count, size); }
void* __libc_realloc(void* memory, size_t size);
void* realloc(void* memory, size_t size) {
    return FAILS("realloc", ENOMEM) ? NULL : __libc_realloc(memory, size);
}
void* __libc_memalign(size_t alignment, size_t size);
void* aligned_alloc(size_t alignment, size_t size) {
    return FAILS("aligned_alloc", ENOMEM) ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
    const int error = FAILURE("posix_memalign", ENOMEM);
    *memory = error != 0 ? NULL : __libc_memalign(alignment, size);
    return error != 0 ? error : *memory == NULL ? ENOMEM : 0;
}
