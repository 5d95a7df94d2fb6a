#include "storage/s3/xml.h"

#include <gtest/gtest.h>

#include "support/result_checks.h"

namespace coreshed::storage::s3 {
namespace {

TEST(XmlTest, FindsATextAnywhere) {
  EXPECT_EQ(XmlText("<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "Code"),
            "NoSuchKey");
  EXPECT_EQ(XmlText("<a><b><Code>x &amp; y</Code></b></a>", "Code"), "x & y");
  for (const std::string text : {"", "no xml", "<Error><Code>cut", "<Error/>"})
    EXPECT_EQ(XmlText(text, "Message"), "") << text;
}

TEST(XmlTest, ReadsAList) {
  const std::string page = R"(<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
    <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
    <NextContinuationToken>go+on/=</NextContinuationToken>
    <Contents><Key>records/a%2520b/c+d%C3%BC</Key><LastModified>2026-11-27T10:20:30.500Z</LastModified>
      <ETag>&quot;abc&quot;</ETag><Size>17</Size></Contents>
    <Contents><Key>x%</Key><Size>0</Size></Contents></ListBucketResult>)";
  std::vector<ListedObject> objects;
  EXPECT_EQ(Must(ReadListPage(page,
                              [&](ListedObject object) {
                                objects.push_back(std::move(object));
                                return true;
                              })),
            "go+on/=");
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].key, "records/a%20b/c dü");
  EXPECT_EQ(objects[0].etag, "\"abc\"");
  EXPECT_EQ(objects[0].size_bytes, 17);
  EXPECT_EQ(objects[0].modified_us, 1'795'774'830'000'000);
  EXPECT_EQ(objects[1].key, "x%");
  EXPECT_EQ(Must(ReadListPage(page, [](const ListedObject&) { return false; })), "");
}

TEST(XmlTest, RefusesWhatIsNoList) {
  const auto ignore = [](const ListedObject&) { return true; };
  for (const std::string text :
       {"", "<html></html>", "<ListBucketResult><Contents>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    EXPECT_EQ(MustFail(ReadListPage(text, ignore)).kind, ErrorKind::kIo) << text;
  }
}

TEST(XmlTest, ReadsUploadsAndWritesACompletion) {
  const std::string page = R"(<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>
    <NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>
    <Upload><Key>a/b</Key><UploadId>id</UploadId><Initiated>2026-11-27T10:20:30Z</Initiated></Upload>
    </ListMultipartUploadsResult>)";
  int seen = 0;
  const auto next = Must(ReadUploadsPage(page, [&](const OpenUpload& upload) {
    ++seen;
    EXPECT_EQ(upload.key, "a/b");
    EXPECT_EQ(upload.upload_id, "id");
    EXPECT_EQ(upload.begun_us, 1'795'774'830'000'000);
  }));
  EXPECT_EQ(seen, 1);
  EXPECT_TRUE(next.is_truncated);
  EXPECT_EQ(next.next_key + next.next_upload_id, "ku");
  EXPECT_EQ(CompletionXml({"\"a\"", "\"b\""}),
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part></CompleteMultipartUpload>");
}

}  // namespace
}  // namespace coreshed::storage::s3
