#include "common/testing/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace oversight::testing {
namespace {

// The kernel sends the parent-death signal when the *thread* that forked ends, so all children come from one
// thread that lives as long as the process.
class ForkingThread {
 public:
  static ForkingThread& Get() {
    static ForkingThread& instance = *new ForkingThread;
    return instance;
  }

  pid_t Run(std::function<pid_t()> fork_child) {
    std::packaged_task<pid_t()> task(std::move(fork_child));
    std::future<pid_t> result = task.get_future();
    {
      absl::MutexLock lock(&mutex_);
      tasks_.push_back(std::move(task));
    }
    return result.get();
  }

 private:
  ForkingThread() { std::thread(&ForkingThread::Loop, this).detach(); }

  void Loop() {
    for (;;) {
      std::packaged_task<pid_t()> task;
      {
        absl::MutexLock lock(
            &mutex_,
            absl::Condition(
                +[](std::deque<std::packaged_task<pid_t()>>* tasks) { return !tasks->empty(); }, &tasks_));
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  absl::Mutex mutex_;
  std::deque<std::packaged_task<pid_t()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<pid_t> StartChild(const std::vector<std::string>& arguments, const std::string& log_file) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const char* log = log_file.c_str();
  const pid_t pid = ForkingThread::Get().Run([&]() -> pid_t {
    const pid_t child = fork();
    if (child != 0) return child;
    // Only calls that are safe after fork in a process with threads.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    const int out = open(log, O_CREAT | O_WRONLY | O_APPEND, 0600);
    const int in = open("/dev/null", O_RDONLY);
    if (out < 0 || in < 0) _exit(127);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    for (int fd = 3; fd < 1024; ++fd) close(fd);
    setpgid(0, 0);
    execv(argv[0], argv.data());
    _exit(127);
  });
  if (pid < 0) return absl::InternalError(absl::StrCat("fork failed for ", arguments[0]));
  return pid;
}

std::optional<int> AwaitChild(pid_t pid, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) return 0;
    if (absl::Now() >= deadline) return std::nullopt;
    absl::SleepFor(absl::Milliseconds(2));
  }
}

}  // namespace oversight::testing
