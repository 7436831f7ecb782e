#include "common/service/run.h"
#include "services/workforce/resources/registry.h"

int main(int argc, char** argv) {
  return oversight::service::RunService(oversight::workforce::Definition(), argc, argv);
}
