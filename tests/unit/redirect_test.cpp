#include "simulator/edge/redirect.h"

#include <catch2/catch.hpp>

using ringback::redirect_target;

TEST_CASE("redirect: a Location is resolved against the URL that answered", "[edge]") {
    const char* base = "http://127.0.0.1:9000/a/b?x=1";
    CHECK(redirect_target(base, "https://127.0.0.1/y") == "https://127.0.0.1/y");
    CHECK(redirect_target(base, "/y?z=2") == "http://127.0.0.1:9000/y?z=2");
    CHECK(redirect_target(base, "c") == "http://127.0.0.1:9000/a/c");
    CHECK(redirect_target(base, "//127.0.0.2/c") == "http://127.0.0.2/c");
    CHECK(redirect_target(base, "?z=2") == "http://127.0.0.1:9000/a/b?z=2");
    CHECK(redirect_target(base, "c?next=http://127.0.0.1/d") ==
          "http://127.0.0.1:9000/a/c?next=http://127.0.0.1/d");
    CHECK(redirect_target(base, "#top") == "http://127.0.0.1:9000/a/b?x=1#top");
    CHECK(redirect_target("http://127.0.0.1/a?x#old", "#top") == "http://127.0.0.1/a?x#top");
    CHECK(redirect_target("http://127.0.0.1?q", "#top") == "http://127.0.0.1?q#top");
    CHECK(redirect_target(base, "") == base);
    CHECK(redirect_target("http://me:pw@127.0.0.1/a", "c") == "http://me:pw@127.0.0.1/c");
    CHECK(redirect_target("http://127.0.0.1", "c") == "http://127.0.0.1/c");
    CHECK(redirect_target("http://127.0.0.1?q", "c") == "http://127.0.0.1/c");
}
