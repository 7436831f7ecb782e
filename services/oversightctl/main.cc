#include "services/oversightctl/cli/run.h"

int main(int argc, char** argv) { return oversight::ctl::Run(argc, argv); }
