// PahoLink over mutual TLS, against a real mosquitto.

#include "tests/unit/sync/mqtt/client.hpp"

namespace vitrine::mqtt {
namespace {

/// Runs a command line of words without spaces; its output goes nowhere.
void run(const std::string& line) {
    const pid_t child = fork();
    if (child == 0) {
        std::vector<std::string> words;
        std::istringstream in(line);
        for (std::string word; in >> word;) words.push_back(word);
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        if (freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0) << line;
}

/// A certificate authority with a server's and a client's certificate, in one folder.
struct Certificates {
    explicit Certificates(const std::string& name) : folder(testing::TempDir() + name) {
        std::filesystem::create_directories(folder);
        const std::string make =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 ";
        run(make + "-subj /CN=" + name + " -keyout " + file("ca.key") + " -out " + file("ca.pem"));
        for (const std::string who : {"server", "agent"}) {
            run(make + "-subj /CN=" + who + " -addext subjectAltName=IP:127.0.0.1 -CA " +
                file("ca.pem") + " -CAkey " + file("ca.key") + " -keyout " + file(who + ".key") +
                " -out " + file(who + ".pem"));
            std::filesystem::permissions(file(who + ".key"), std::filesystem::perms::all);
        }
    }
    ~Certificates() { std::filesystem::remove_all(folder); }
    std::string file(const std::string& name) const { return folder + "/" + name; }
    std::string folder;
};

TEST(PahoLink, SpeaksMutualTlsAndTrustsOnlyItsOwnAuthority) {
    const Certificates ours("ours");
    const Certificates others("others");
    const Broker broker("cafile " + ours.file("ca.pem") + "\ncertfile " + ours.file("server.pem") +
                        "\nkeyfile " + ours.file("server.key") + "\nrequire_certificate true\n");
    host::Loop loop;
    Settings settings = settings_for(broker, "secure");
    settings.broker.replace(0, 4, "mqtts");
    const Tls own{ours.file("ca.pem"), ours.file("agent.pem"), ours.file("agent.key")};
    settings.tls = own;
    Client trusted(loop, settings);
    EXPECT_TRUE(trusted.wait_up()) << trusted.link->counters().last_trouble << broker.log();

    std::vector<std::string> told;
    settings.on_trouble = [&](const std::string& reason) { told.push_back(reason); };
    settings.reconnect_max = milliseconds(20);
    settings.client_id = "fooled";
    settings.tls->ca_file = others.file("ca.pem");
    Client fooled(loop, settings);
    settings.client_id = "stranger";
    settings.tls = Tls{ours.file("ca.pem"), others.file("agent.pem"), others.file("agent.key")};
    settings.on_trouble = nullptr;
    Client stranger(loop, settings);
    const auto in_trouble = [](const Client& client) {
        return !client.link->counters().last_trouble.empty();
    };
    EXPECT_TRUE(fooled.wait([&] { return in_trouble(fooled) && in_trouble(stranger); }));
    loop.run_for(milliseconds(500));  // Several more attempts, and no more words.
    EXPECT_THAT(told, testing::ElementsAre(HasSubstr("its certificate is not of the CA file")));
    EXPECT_FALSE(fooled.link->is_up());
    EXPECT_FALSE(stranger.link->is_up());
    EXPECT_EQ(fooled.ups, 0U);
    EXPECT_THAT(fooled.link->counters().last_trouble, HasSubstr("cannot connect to mqtts://"));
}

}  // namespace
}  // namespace vitrine::mqtt
