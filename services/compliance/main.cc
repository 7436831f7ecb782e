#include "common/service/run.h"
#include "services/compliance/resources/registry.h"

int main(int argc, char** argv) {
  return oversight::service::RunService(oversight::compliance::Definition(), argc, argv);
}
