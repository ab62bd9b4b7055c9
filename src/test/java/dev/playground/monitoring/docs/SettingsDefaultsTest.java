package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service's settings: their defaults in the README, and what compose makes of them. */
class SettingsDefaultsTest {
    private static final String README = Project.text(Path.of("README.md"));
    private static final Map<String, Object> APPLICATION =
            Project.yaml(Path.of("src/main/resources/application.yml"));
    private static final Map<String, Object> HEAVY = Project.map(APPLICATION, "heavy");
    private static final Map<String, Object> SERVICE = Project.composeService("backend");

    @Test
    void readmeListsEachDefaultOfTheSimulatedWork() {
        assertThat(HEAVY)
                .hasSize(5)
                .allSatisfy(
                        (name, value) -> {
                            String cell = value.equals("") ? "" : " `" + value + "`";
                            assertThat(README)
                                    .contains("| `" + variable(name) + "` |" + cell + " |");
                        });
    }

    @Test
    void composePassesEachSettingOfTheSimulatedWork() {
        assertThat(Project.map(SERVICE, "environment").keySet())
                .containsAll(HEAVY.keySet().stream().map(SettingsDefaultsTest::variable).toList());
    }

    // playground:start
    @ParameterizedTest
    @ValueSource(strings = {"grafana", "prom-server", "alertmanager"})
    void pageLinksToThePortOfCompose(String service) {
        String name = service.replace("prom-server", "prometheus");
        String variable = name.toUpperCase() + "_URL";
        String port =
                Project.composeService(service)
                        .get("ports")
                        .toString()
                        .replaceAll(".*:(\\d+):.*", "$1");
        String url = "http://localhost:" + port;

        assertThat(Project.map(APPLICATION, "page"))
                .containsEntry(name + "-url", "${%s:`%s`}".formatted(variable, url));
        assertThat(README).contains("| `%s` | `%s` |".formatted(variable, url));
        assertThat(Project.map(SERVICE, "environment")).containsKey(variable);
        assertThat(Project.map(Project.yaml(Path.of("helm/backend/values.yaml")), "page"))
                .containsEntry(name + "Url", url);
    }

    // playground:end

    @Test
    void composeGrantsTheTimeOfAShutdown() {
        int millis =
                Pattern.compile("\\| `SHUTDOWN_\\w+_MS` \\| `(\\d+)` \\|")
                        .matcher(README)
                        .results()
                        .mapToInt(setting -> Integer.parseInt(setting.group(1)))
                        .sum();

        assertThat(millis).isPositive();
        // Two more seconds for the JVM to exit.
        assertThat(SERVICE).containsEntry("stop_grace_period", millis / 1000 + 2 + "s");
    }

    private static String variable(String name) {
        return "HEAVY_" + name.toUpperCase().replace('-', '_');
    }
}
