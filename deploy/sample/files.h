#pragma once

#include <string>
#include <vector>

#include "deploy/sample/csv_file.h"
#include "deploy/sample/model.h"

namespace oversight::sample {

// The tables of a Standard Safeguarding Dataset extract. Names, birth dates and postcodes are in them, as in
// a real one, so that it can be seen that the import leaves them out; their values are plainly made up.
std::vector<CsvFile> ExtractFiles(const Authority& authority);

// What the extract cannot hold, in Oversight's own files: posts, supervisors, absences, sessions and so on.
std::vector<CsvFile> SuiteFiles(const Authority& authority);

}  // namespace oversight::sample
