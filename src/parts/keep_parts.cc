#include "parts/keep_parts.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <memory>
#include <utility>

#include "base/result.h"
#include "parts/checked_values.h"
#include "parts/encoding.h"
#include "parts/file_reader.h"
#include "parts/file_writer.h"
#include "parts/table_source.h"
#include "parts/types.h"

namespace coreshed::parts {

Result<PartFile> KeepParts(const KeepRequest& request, storage::Storage& storage,
                           storage::Stage& stage) {
  TableParts table;
  table.files = {request.file};
  ReadRequest read;
  read.parts = &table;
  read.record_prefix = request.record_prefix;
  read.schema = PlainSchema(*request.schema);
  std::vector<PartPlace> places;
  for (const int64_t part : request.parts)
    places.push_back({0, part});
  CORESHED_ASSIGN(const auto source, TableSource::Open(read, storage, places));
  CORESHED_ASSIGN(
      const auto reader,
      PartFileReader::Open(storage, request.record_prefix + request.file.name, request.file));
  CORESHED_ASSIGN(const auto entries, reader->Entries(PartFileReader::Need::kColumns));
  const auto& schema = read.schema;
  std::unique_ptr<PartFileWriter> writer;
  for (const auto& place : places) {
    CORESHED_ASSIGN(const auto rows, source->ReadPart(place));
    CORESHED_ASSIGN(const auto stored, StoredRows(*rows, *schema));
    if (writer == nullptr) {
      CORESHED_ASSIGN(const auto encodings, ChooseEncodings(*stored, places.size() == 1));
      CORESHED_ASSIGN(writer, PartFileWriter::Open(schema, encodings));
      CORESHED_TRY(writer->stream().Begin(stage, {request.name, request.name}));
    }
    CORESHED_TRY(writer->Add(*stored, entries.at(static_cast<size_t>(place.part))));
  }
  return writer->Finish();
}

}  // namespace coreshed::parts
