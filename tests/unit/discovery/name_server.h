// SPDX-License-Identifier: Apache-2.0
//
// A real name server, hosts file and resolv.conf, in the network and mounts of the test's own child.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "unit/support/network_namespace.h"
#include "unit/support/sockets.h"

namespace amb::test {

inline constexpr const char* kDnsmasq = "/usr/sbin/dnsmasq";

/// Files that stand in place of /etc/hosts and /etc/resolv.conf for this process.
class ResolverFiles {
 public:
  ResolverFiles() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    EXPECT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    hosts("");
    resolv_conf("nameserver 127.0.0.1\n");
    put_in_place("hosts");
    put_in_place("resolv.conf");
  }
  ~ResolverFiles() {
    for (const char* name : {"/etc/hosts", "/etc/resolv.conf"}) EXPECT_EQ(::umount(name), 0);
    std::filesystem::remove_all(folder_);
  }
  ResolverFiles(const ResolverFiles&) = delete;
  ResolverFiles& operator=(const ResolverFiles&) = delete;

  void hosts(const std::string& text) const { std::ofstream(folder_ + "/hosts") << text; }
  void resolv_conf(const std::string& text) const { std::ofstream(folder_ + "/resolv.conf") << text; }

 private:
  void put_in_place(const std::string& name) const {
    const std::string ours = folder_ + "/" + name, real = "/etc/" + name;
    EXPECT_EQ(::mount(ours.c_str(), real.c_str(), nullptr, MS_BIND, nullptr), 0) << real;
  }

  std::string folder_ = "/tmp/ambassador-XXXXXX";
};

/// dnsmasq on 127.0.0.1:53. It knows the zone "test" and refuses everything else.
class NameServer {
 public:
  explicit NameServer(std::vector<std::string> records) : pid_(::fork()) {
    if (pid_ == 0) serve(std::move(records));
    EXPECT_TRUE(eventually([] { return connect_to(ip("127.0.0.1", 53)).error == 0; }));
  }
  ~NameServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

 private:
  [[noreturn]] static void serve(std::vector<std::string> records) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<std::string> words = {kDnsmasq,
                                      "--keep-in-foreground",
                                      "--conf-file=/dev/null",
                                      "--no-resolv",
                                      "--no-hosts",
                                      "--listen-address=127.0.0.1",
                                      "--local=/test/",
                                      "--user=root",
                                      "--bind-interfaces",
                                      "--pid-file=",
                                      "--log-facility=/dev/null"};
    words.insert(words.end(), records.begin(), records.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(kDnsmasq, arguments.data());
    ::_exit(127);
  }

  pid_t pid_;
};

/// Runs body(files) where names are asked of nobody but `records`' server.
template <class Body>
void with_name_server(const std::vector<std::string>& records, Body body) {
  if (::access(kDnsmasq, X_OK) != 0) GTEST_SKIP() << kDnsmasq << " is not installed";
  in_network_namespace([&] {
    const ResolverFiles files;
    const NameServer server(records);
    body(files);
  });
}

/// The same where nobody answers at all.
template <class Body>
void without_name_server(Body body) {
  in_network_namespace([&] {
    const ResolverFiles files;
    body(files);
  });
}

}  // namespace amb::test
