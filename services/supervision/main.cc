#include "common/service/run.h"
#include "services/supervision/resources/registry.h"

int main(int argc, char** argv) {
  return oversight::service::RunService(oversight::supervision::Definition(), argc, argv);
}
