#include "storage/s3/probe.h"

#include <algorithm>
#include <future>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "storage/s3/lifecycle.h"

namespace coreshed::storage::s3 {
namespace {

constexpr int kRacers = 4;

Error Unfit(const Client& client, const std::string& what) {
  return Error{ErrorKind::kUnsupported,
               client.address().endpoint + " can't hold a store: it " + what +
                   ". Commits rest on conditional writes; without them data would be lost. Use a "
                   "server that keeps them (AWS S3, MinIO, versitygw, …)."};
}

/// The places and requests of one probe.
class Probe {
 public:
  explicit Probe(Client& client) : client_(client) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe() {
    for (const char* name : {"object", "race", "parts", "absent"})
      (void)client_.Repeat(Call{"DELETE", folder_ + name});
  }

  Result<void> Run() {
    CORESHED_TRY(Creates());
    CORESHED_TRY(Replaces());
    CORESHED_TRY(Races());
    return CompletesOnce();
  }

 private:
  /// Put once; the etag where it was taken, nothing where the condition was said not to hold.
  Result<std::optional<std::string>> PutIf(const std::string& name, const char* condition,
                                           const std::string& value, const std::string& body) {
    Call call{"PUT", folder_ + name};
    call.headers = {{condition, value}};
    call.body = body;
    bool was_unclear = false;
    CORESHED_ASSIGN(const auto response, client_.Repeat(call, &was_unclear));
    if (was_unclear) {
      return Error{ErrorKind::kIo, client_.address().endpoint +
                                       " answers too badly to be tried for a store. Nothing was "
                                       "made: try again later."};
    }
    if (response.status == 200) return std::optional(response.Header("etag"));
    const bool is_absent = response.status == 404 && std::string_view(condition) == "if-match";
    if (response.status == 412 || response.status == 409 || is_absent) {
      return std::optional<std::string>();
    }
    if (response.status == 501) return Unfit(client_, "does not know conditional writes");
    return client_.Refused(call, response);
  }

  Result<std::string> EtagNow(const std::string& name) {
    Call call{"GET", folder_ + name};
    CORESHED_ASSIGN(const auto response, client_.Repeat(call));
    if (response.status != 200) return client_.Refused(call, response);
    return response.Header("etag");
  }

  Result<std::string> EtagListed(const std::string& name) {
    std::string etag;
    CORESHED_TRY(client_.List(folder_ + name, [&](const ListedObject& object) {
      etag = object.etag;
      return true;
    }));
    return etag;
  }

  Result<void> Creates() {
    CORESHED_ASSIGN(const auto first, PutIf("object", "if-none-match", "*", "1"));
    if (!first) return Unfit(client_, "refused to create an object that was not there");
    etag_ = *first;
    CORESHED_ASSIGN(const auto second, PutIf("object", "if-none-match", "*", "2"));
    if (second) return Unfit(client_, "overwrote an object that was only to be created");
    CORESHED_ASSIGN(const auto got, EtagNow("object"));
    CORESHED_ASSIGN(const auto listed, EtagListed("object"));
    if (etag_.empty() || got != etag_ || listed != etag_) {
      return Unfit(client_, "names one object by different etags (" + etag_ + " when it is put, " +
                                got + " when got, " + listed + " when listed)");
    }
    return {};
  }

  Result<void> Replaces() {
    const std::string stale = etag_;
    CORESHED_ASSIGN(const auto right, PutIf("object", "if-match", stale, "3"));
    if (!right || *right == stale) return Unfit(client_, "did not replace an object by its etag");
    etag_ = *right;
    for (const std::string& wrong : {stale, "\"" + RandomHex32() + "\""}) {
      CORESHED_ASSIGN(const auto taken, PutIf("object", "if-match", wrong, "4"));
      if (taken) return Unfit(client_, "replaced an object whose etag was another one");
    }
    CORESHED_ASSIGN(const auto nothing, PutIf("absent", "if-match", stale, "5"));
    if (nothing) return Unfit(client_, "replaced an object that was not there");
    return {};
  }

  Result<int> Winners(const std::string& name, const char* condition, const std::string& value) {
    std::vector<std::future<Result<std::optional<std::string>>>> racers;
    for (int i = 0; i < kRacers; ++i) {
      racers.push_back(std::async(std::launch::async, [=, this] {
        return PutIf(name, condition, value, std::string(1, static_cast<char>('a' + i)));
      }));
    }
    int winners = 0;
    for (auto& racer : racers) {
      CORESHED_ASSIGN(const auto won, racer.get());
      winners += won ? 1 : 0;
    }
    return winners;
  }

  Result<void> Races() {
    CORESHED_ASSIGN(const int creators, Winners("race", "if-none-match", "*"));
    if (creators != 1) {
      return Unfit(client_, "let " + std::to_string(creators) + " writers create one object");
    }
    CORESHED_ASSIGN(const int replacers, Winners("object", "if-match", etag_));
    if (replacers != 1) {
      return Unfit(client_,
                   "let " + std::to_string(replacers) + " writers replace one state of an object");
    }
    return {};
  }

  /// A multipart upload to a name that is taken, and to one that is not.
  Result<void> CompletesOnce() {
    for (const bool is_taken : {true, false}) {
      const std::string key = folder_ + (is_taken ? "object" : "parts");
      CORESHED_ASSIGN(const auto status, Complete(key));
      if (is_taken && status == 200) {
        return Unfit(client_, "overwrote an object by a multipart upload that was only to create");
      }
      if (!is_taken && status != 200) return Unfit(client_, "completes no multipart uploads");
    }
    return {};
  }

  Result<int> Complete(const std::string& key) {
    Call begin{"POST", key};
    begin.query = {{"uploads", ""}};
    CORESHED_ASSIGN(const auto begun, client_.Repeat(begin));
    const std::string id = XmlText(begun.body, "UploadId");
    if (begun.status != 200 || id.empty()) return client_.Refused(begin, begun);
    Call put{"PUT", key};
    put.query = {{"partNumber", "1"}, {"uploadId", id}};
    put.body = "part";
    CORESHED_ASSIGN(const auto part, client_.Repeat(put));
    if (part.status != 200) return client_.Refused(put, part);
    const std::string body = CompletionXml({part.Header("etag")});
    Call complete{"POST", key};
    complete.query = {{"uploadId", id}};
    complete.headers = {{"content-type", "application/xml"}, {"if-none-match", "*"}};
    complete.body = body;
    CORESHED_ASSIGN(const auto done, client_.Repeat(complete));
    const bool is_done = done.status == 200 && XmlText(done.body, "Code").empty();
    if (is_done) return 200;
    Call abort{"DELETE", key};
    abort.query = {{"uploadId", id}};
    (void)client_.Repeat(abort);
    return done.status == 200 ? 500 : done.status;
  }

  Client& client_;
  const std::string folder_ = "probe-" + RandomHex32() + "/";
  std::string etag_;
};

}  // namespace

Result<void> ProbePlace(Client& client) {
  CORESHED_TRY(Probe(client).Run());
  return CheckLifecycle(client);
}

Result<void> ProbeConditions(Client& client, std::string_view store_file) {
  Call call{"PUT", "coreshed.json"};
  call.headers = {{"if-none-match", "*"}};
  call.body = store_file;
  CORESHED_ASSIGN(const auto response, client.Repeat(call));
  if (response.status == 412 || response.status == 409) return {};
  if (response.status == 200) {
    return Unfit(client, "does not look at conditions (it took a second coreshed.json)");
  }
  return client.Refused(call, response);
}

}  // namespace coreshed::storage::s3
