#include "common/service/run.h"
#include "services/caseload/resources/registry.h"

int main(int argc, char** argv) {
  return oversight::service::RunService(oversight::caseload::Definition(), argc, argv);
}
