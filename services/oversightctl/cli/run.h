#pragma once

namespace oversight::ctl {

// The command line of Oversight: wires the commands, nothing else. Returns the exit code.
int Run(int argc, char** argv);

}  // namespace oversight::ctl
