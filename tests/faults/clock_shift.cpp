// Loaded before a program (LD_PRELOAD), this shifts its clock on the wall, and nothing else: what
// the monotonic clock and all timers show stays true, as when somebody sets the time. The shift in
// seconds is the first eight bytes of the file $VITRINE_CLOCK_SHIFT, a signed number in the
// machine's own order, and may change at any moment. (libfaketime 0.9.10 shifts timerfd too, and
// Asio's timers then stop.)

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const volatile std::int64_t* shift_in_file() {
    const char* path = std::getenv("VITRINE_CLOCK_SHIFT");
    const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) std::abort();
    void* page = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) std::abort();
    close(fd);
    return static_cast<const std::int64_t*>(page);
}

std::int64_t shift() {
    static const volatile std::int64_t* const seconds = shift_in_file();
    return *seconds;
}

template <class Function>
Function* next_of(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// The kernel waits by the true clock. A moment that is nearer to the monotonic clock than to the
/// shifted one was taken from that.
timespec true_moment(const timespec& given) {
    timespec wall{};
    timespec steady{};
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &wall);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &steady);
    const std::int64_t from_wall = std::llabs(given.tv_sec - (wall.tv_sec + shift()));
    const std::int64_t from_steady = std::llabs(given.tv_sec - steady.tv_sec);
    timespec moment = given;
    if (from_wall < from_steady) moment.tv_sec -= shift();
    return moment;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
    static auto* const real = next_of<int(clockid_t, timespec*)>("clock_gettime");
    const int result = real(clock, out);
    const bool on_the_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (result == 0 && on_the_wall) out->tv_sec += shift();
    return result;
}

int gettimeofday(timeval* out, void*) noexcept {
    timespec now{};
    const int result = clock_gettime(CLOCK_REALTIME, &now);
    *out = {now.tv_sec, now.tv_nsec / 1000};
    return result;
}

time_t time(time_t* out) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr) *out = now.tv_sec;
    return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
    static auto* const real =
        next_of<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait");
    const timespec moment = true_moment(*until);
    return real(condition, mutex, &moment);
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
    static auto* const real = next_of<int(sem_t*, const timespec*)>("sem_timedwait");
    const timespec moment = true_moment(*until);
    return real(semaphore, &moment);
}
}
