#pragma once

namespace oversight::compliance {

// Stored with every judgement. Raised whenever the engine may judge the same facts and policy differently.
inline constexpr char kEvaluatorVersion[] = "5";

}  // namespace oversight::compliance
