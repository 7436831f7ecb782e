#pragma once

namespace oversight::rpc {

// Blocks SIGTERM and SIGINT for this thread and all it starts, and ignores SIGPIPE. Call first thing in main,
// before any thread runs, so that the signals reach only WaitForTermination.
void BlockTerminationSignals();

// Waits for SIGTERM or SIGINT and returns it, so that the caller can drain. From then on another one ends the
// process at once, with the status 128 + signal. Call once.
int WaitForTermination();

}  // namespace oversight::rpc
