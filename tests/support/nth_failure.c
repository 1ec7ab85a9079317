/* Preloaded into a process: one call of the C library fails once, the n-th of its name.
 *
 * RINGBACK_FAIL=send:3 makes the third send() fail, RINGBACK_FAIL=malloc:7 the seventh malloc(). The
 * error is one that the function may fail with, another one for every n; RINGBACK_FAIL=send:3:105
 * says which. RINGBACK_FAIL_TOLD=FILE: where a byte is written when it has happened, so that a test
 * knows that it has tried something. RINGBACK_FAIL_FROM=FILE: counting begins once it is there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { most_errors = 4 };

static const char* wanted;      /* the function, without ":n" */
static size_t wanted_length;
static long nth;
static int wanted_error;        /* 0: one of those that the function may fail with */
static const char* told;        /* where to say that it has happened */
static const char* from;        /* what has to be there before anything is counted */
static atomic_int begun;
static atomic_long calls;
static atomic_int in_main;      /* before main() nobody can catch anything, and nothing can be lost */

__attribute__((constructor)) static void read_environment(void) {
    const char* const plan = getenv("RINGBACK_FAIL");
    const char* const colon = plan == NULL ? NULL : strchr(plan, ':');
    if (colon != NULL) {
        wanted_length = (size_t)(colon - plan);
        char* behind = NULL;
        nth = strtol(colon + 1, &behind, 10);
        wanted_error = *behind == ':' ? atoi(behind + 1) : 0;
        told = getenv("RINGBACK_FAIL_TOLD");
        from = getenv("RINGBACK_FAIL_FROM");
        atomic_store(&begun, from == NULL);
        wanted = plan;
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

/* By the kernel directly, and without a trace in errno: our own functions may be the ones. */
static int has_begun(void) {
    if (!atomic_load(&begun)) {
        const int before = errno;
        atomic_store(&begun, syscall(SYS_faccessat, AT_FDCWD, from, F_OK) == 0);
        errno = before;
    }
    return atomic_load(&begun);
}

/* Whether this call is the one; errno is set then. `errors` ends with 0. */
static int fails(const char* function, const int* errors) {
    if (wanted == NULL || !atomic_load(&in_main) || strlen(function) != wanted_length ||
        strncmp(function, wanted, wanted_length) != 0 || !has_begun() ||
        atomic_fetch_add(&calls, 1) + 1 != nth) {
        return 0;
    }
    if (told != NULL) { /* by the kernel directly: our own open() and write() may be the ones */
        const long file = syscall(SYS_openat, AT_FDCWD, told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (file >= 0) {
            syscall(SYS_write, file, "x", 1);
            syscall(SYS_close, file);
        }
    }
    int known = 0;
    while (known < most_errors && errors[known] != 0) {
        ++known;
    }
    errno = wanted_error != 0 ? wanted_error : errors[(nth - 1) % known];
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define ERRORS(...) ((const int[most_errors + 1]){__VA_ARGS__})

/* type, name, parameters, arguments, errors */
#define FAILING(type, name, parameters, arguments, ...)   \
    type name parameters {                                \
        if (fails(#name, ERRORS(__VA_ARGS__))) {          \
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
        if (fails("open", ERRORS(EMFILE, EACCES, EINTR, ENOSPC))) {    \
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
        if ((may_fail) && fails(#name, ERRORS(__VA_ARGS__))) {         \
            return -1;                                                 \
        }                                                              \
        return (int)syscall(number, fd, command, argument);            \
    }
/* Of an open file F_SETFL fails for flags that there are not: Asio does not even look. */
WITH_ARGUMENT(fcntl, int, SYS_fcntl, command != F_SETFL, EINVAL, EPERM)
WITH_ARGUMENT(ioctl, unsigned long, SYS_ioctl, 1, ENOTTY, EINVAL)

/* What operator new and what Asio's operations call. */
void* __libc_malloc(size_t size);
void* malloc(size_t size) { return fails("malloc", ERRORS(ENOMEM)) ? NULL : __libc_malloc(size); }
void* __libc_memalign(size_t alignment, size_t size);
void* aligned_alloc(size_t alignment, size_t size) {
    return fails("aligned_alloc", ERRORS(ENOMEM)) ? NULL : __libc_memalign(alignment, size);
}
