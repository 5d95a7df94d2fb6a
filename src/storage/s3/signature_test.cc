// The examples of AWS's documentation of Signature Version 4 for S3 ("Examples: Signature
// Calculations", header-based).
#include "storage/s3/signature.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace coreshed::storage::s3 {
namespace {

const Credentials kCredentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                               ""};

std::string SignatureOf(ToSign request, const std::string& payload) {
  request.host = "examplebucket.s3.amazonaws.com";
  request.payload_sha256 = Sha256Hex(payload);
  const auto headers = Sign(request, kCredentials, "us-east-1", "20130524T000000Z");
  const std::string& text = headers.back().second;
  return text.substr(text.find("Signature=") + 10);
}

TEST(Signature, ExamplesOfAws) {
  EXPECT_EQ(SignatureOf({"GET", "", "/test.txt", {}, {{"Range", "bytes=0-9"}}, ""}, ""),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(SignatureOf({"PUT",
                         "",
                         "/" + UriEncoded("test$file.text", true),
                         {},
                         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                          {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         ""},
                        "Welcome to Amazon S3."),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  EXPECT_EQ(SignatureOf({"GET", "", "/", {{"lifecycle", ""}}, {}, ""}, ""),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(SignatureOf({"GET", "", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, ""}, ""),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(Signature, NamesAreEncoded) {
  EXPECT_EQ(UriEncoded("a b/ä+~", true), "a%20b/%C3%A4%2B~");
  EXPECT_EQ(UriEncoded("a/b", false), "a%2Fb");
  EXPECT_EQ(QueryText({{"list-type", "2"}, {"prefix", "x/y "}}), "list-type=2&prefix=x%2Fy%20");
}

}  // namespace
}  // namespace coreshed::storage::s3
