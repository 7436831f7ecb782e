// The one program of the image: each of the services, and oversightctl, by the name under which it is called.
// What they share is there once.
#include <cstdio>
#include <string>

#include "common/service/run.h"
#include "services/caseload/resources/registry.h"
#include "services/compliance/resources/registry.h"
#include "services/oversightctl/cli/run.h"
#include "services/supervision/resources/registry.h"
#include "services/workforce/resources/registry.h"

int main(int argc, char** argv) {
  using namespace oversight;  // NOLINT: nothing else is in this file
  const std::string path = argc > 0 ? argv[0] : "";
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name == "oversight-workforce") return service::RunService(workforce::Definition(), argc, argv);
  if (name == "oversight-caseload") return service::RunService(caseload::Definition(), argc, argv);
  if (name == "oversight-supervision") return service::RunService(supervision::Definition(), argc, argv);
  if (name == "oversight-compliance") return service::RunService(compliance::Definition(), argc, argv);
  if (name == "oversightctl") return ctl::Run(argc, argv);
  std::fprintf(
      stderr,
      "call it oversight-workforce, oversight-caseload, oversight-supervision, oversight-compliance or "
      "oversightctl, by a link of that name\n");
  return 2;
}
