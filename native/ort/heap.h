// How the process's heap gives memory back to the system; glibc keeps it unless told, others need
// no telling.
#pragma once

namespace impasto::ort {

// Once, before ONNX Runtime allocates: blocks of 1 MiB and more come from the system and return to
// it when freed.
void let_large_blocks_go();

// Returns what has been freed in smaller pieces, such as filters.
void return_freed_memory();

}  // namespace impasto::ort
