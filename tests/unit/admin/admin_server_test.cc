// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_server.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "unit/admin/asking.h"
#include "unit/admin/fake_control.h"
#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

using namespace test;

constexpr auto kToken = "0123456789abcdef";

class AdminServerOf : public testing::Test {
 protected:
  AdminSettings settings() const {
    AdminSettings settings;
    settings.control.setting = folder_ / "control.sock";
    return settings;
  }
  AdminSettings with_tcp() const {
    AdminSettings settings = this->settings();
    settings.tcp = ip("127.0.0.1");
    settings.token = kToken;
    return settings;
  }
  AdminPlaces start(AdminServer& server) {
    const auto places = server.start();
    EXPECT_TRUE(places) << (places ? "" : places.error().message());
    return places.value_or(AdminPlaces{});
  }
  Asker at(const std::string& path) { return {io_, SocketAddress::from_path(path).value()}; }
  static SocketAddress tcp_of(const AdminPlaces& places) {
    const auto port = parse_number<std::uint16_t>(places.tcp.substr(places.tcp.rfind(':') + 1));
    return ip("127.0.0.1", port.value());
  }

  TemporaryFolder folder_;
  asio::io_context io_;
  FakeControl control_;
};

TEST_F(AdminServerOf, AnswersAtBothPlaces) {
  AdminServer server(io_, control_, with_tcp());
  const AdminPlaces places = start(server);
  EXPECT_EQ(places.control, folder_ / "control.sock");
  EXPECT_TRUE(places.notes.empty());
  EXPECT_EQ(at(places.control).ask(request("GET", "/v1/live")).status, 200U);
  Asker over_tcp(io_, tcp_of(places));
  const std::string fields = "Host: " + places.tcp + "\r\nAuthorization: Bearer " + kToken + "\r\n\r\n";
  EXPECT_EQ(over_tcp.ask("GET /v1/live HTTP/1.1\r\n" + fields).status, 200U);
  EXPECT_EQ(over_tcp.ask(request("GET", "/v1/live")).status, 403U) << "Host: localhost says no port";
}

TEST_F(AdminServerOf, ChangesNothingForOnesThatMayNotAsk) {
  AdminServer server(io_, control_, with_tcp());
  const AdminPlaces places = start(server);
  const std::string host = "Host: " + places.tcp + "\r\n";
  const std::string token = std::string("Authorization: Bearer ") + kToken + "\r\n";
  const std::string json = "Content-Type: application/json\r\nContent-Length: 2\r\n";
  const std::tuple<std::string, unsigned, const char*> kRows[] = {
      {"Host: evil.example\r\n" + token + json, 403, "another Host"},
      {host + token + json + "Origin: http://x\r\n", 403, "a page"},
      {host + json, 401, "no token"},
      {host + "Authorization: Bearer 0000000000000000\r\n" + json, 401, "a wrong token"},
      {host + token + "Content-Type: text/plain\r\nContent-Length: 2\r\n", 415, "a form"},
      {host + token + json, 204, "as it is meant"}};
  for (const auto& [fields, status, because] : kRows) {
    const Answer answer = Asker(io_, tcp_of(places)).ask("POST /v1/drain HTTP/1.1\r\n" + fields + "\r\n{}");
    EXPECT_EQ(answer.status, status) << because;
    for (const auto& [name, value] : answer.fields)
      EXPECT_FALSE(name.starts_with("access-control")) << because;
  }
  EXPECT_EQ(control_.told, std::vector<std::string>{"drain "});
  const Answer get = Asker(io_, tcp_of(places)).ask("GET /v1/drain HTTP/1.1\r\n" + host + token + "\r\n");
  EXPECT_EQ(get.status, 405U);
  EXPECT_EQ(control_.told.size(), 1U) << "a GET changes nothing";
}

TEST_F(AdminServerOf, TellsEventsAsTheyHappen) {
  AdminServer server(io_, control_, settings());
  Asker asker = at(start(server).control);
  asker.say(request("GET", "/v1/events"));
  EXPECT_EQ(asker.hear_head().field("content-type"), "text/event-stream");
  EXPECT_EQ(asker.hear_until("\n\n"), ": ok\n\n");
  control_.tell("ready", "{\"event\":\"ready\"}");
  EXPECT_EQ(asker.hear_until("\n\n"), "id: 1\nevent: ready\ndata: {\"event\":\"ready\"}\n\n");
  asker.close();
  run_until(io_, [this] { return control_.listeners.empty(); });
}

TEST_F(AdminServerOf, TellsASlowReaderWhatItHasLost) {
  AdminServer server(io_, control_, settings());
  Asker asker = at(start(server).control);
  asker.say(request("GET", "/v1/events"));
  EXPECT_EQ(asker.hear_head().status, 200U);
  const std::string line = "{\"x\":\"" + std::string(4096, 'x') + "\"}";
  for (int i = 0; i < 2000; ++i) {
    control_.tell("e", line);
    io_.restart();
    io_.poll();
  }
  EXPECT_NE(asker.hear_until("event: lost\ndata: {\"lost\":"), "");
  EXPECT_GT(parse_number<unsigned>(split(asker.hear_until("\n\n"), '}').front()).value_or(0), 0U);
}

TEST_F(AdminServerOf, TellsTheLastEventsBeforeItStops) {
  AdminServer server(io_, control_, settings());
  Asker asker = at(start(server).control);
  asker.say(request("GET", "/v1/events"));
  EXPECT_EQ(asker.hear_until(": ok\n\n").substr(0, 12), "HTTP/1.1 200");
  run_until(io_, [this] { return io_.poll_one() == 0; });
  control_.tell("stopping", "{}");
  server.stop();  // at once, before the loop turns
  asker.hear_end();
  EXPECT_EQ(asker.rest(), "id: 1\nevent: stopping\ndata: {}\n\n");
}

TEST_F(AdminServerOf, StopsTheStreamsAndRemovesThePath) {
  AdminServer server(io_, control_, settings());
  const std::string place = start(server).control;
  Asker asker = at(place);
  asker.say(request("GET", "/v1/events"));
  EXPECT_EQ(asker.hear_head().status, 200U);
  server.stop();
  EXPECT_TRUE(control_.listeners.empty());
  EXPECT_FALSE(std::filesystem::exists(place));
  asker.hear_end();
  io_.restart();
  io_.run();  // ends: nothing is left to wait for
  server.stop();
}

TEST_F(AdminServerOf, IsNowhereWhenNothingIsAskedFor) {
  AdminSettings off;
  off.control.setting = "none";
  AdminServer server(io_, control_, off);
  const AdminPlaces places = start(server);
  EXPECT_EQ(places.control + places.tcp, "");
}

TEST_F(AdminServerOf, GoesOnWithoutAControlSocketWhereNobodyNamedAPlace) {
  AdminSettings settings = with_tcp();
  settings.control = {.setting = {},
                      .runtime_folder = {},
                      .run_folder = "/nonexistent",
                      .tmp_folder = "/nonexistent",
                      .uid = 1000000U + static_cast<unsigned>(::getpid())};
  std::vector<BoundListener> squatters;
  const auto spots = control_spots(settings.control);
  for (const SocketAddress& address : spots.back().addresses) squatters.push_back(listen_on(address));
  AdminServer server(io_, control_, settings);
  const AdminPlaces places = start(server);
  EXPECT_EQ(places.control, "");
  EXPECT_NE(places.failure.find("Address already in use"), std::string::npos) << places.failure;
  EXPECT_NE(places.tcp, "");
  EXPECT_EQ(places.addresses.size(), 1U);
}

TEST_F(AdminServerOf, DoesNotStartHalf) {
  AdminSettings without = with_tcp();
  without.token.clear();
  AdminServer server(io_, control_, without);
  const auto failed = server.start();
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find("AMBASSADOR_ADMIN_TOKEN"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(without.control.setting));

  const BoundListener taken = listen_on(ip("127.0.0.1"));
  AdminSettings twice = with_tcp();
  twice.tcp = taken.address;
  const auto refused = AdminServer(io_, control_, twice).start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "AMBASSADOR_ADMIN: cannot listen on " + taken.address.to_string() + ": Address already in use");
  EXPECT_FALSE(std::filesystem::exists(twice.control.setting));
}

TEST_F(AdminServerOf, ListensOverIpv6Too) {
  AdminSettings settings = with_tcp();
  settings.tcp = ip("::1");
  settings.control.setting = "none";
  AdminServer server(io_, control_, settings);
  EXPECT_TRUE(start(server).tcp.starts_with("[::1]:"));
}

TEST(AdminSettingsOfTheProgram, AreThoseOfItsVariables) {
  Settings settings;
  settings.control = "/x";
  settings.admin = ip("127.0.0.1", 9900);
  settings.admin_token = "t";
  settings.admin_token_file = "f";
  settings.admin_hosts = {"h"};
  const AdminSettings admin = admin_settings(settings);
  EXPECT_EQ(admin.control.setting, "/x");
  EXPECT_EQ(admin.tcp, settings.admin);
  EXPECT_EQ(admin.token + admin.token_file, "tf");
  EXPECT_EQ(admin.hosts, settings.admin_hosts);
}

}  // namespace
}  // namespace amb
