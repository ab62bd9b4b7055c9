package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Node;

/**
 * The files beside the code: each parses, and what is written in two of them is the same in both.
 */
class ConfigurationFilesTest {
    /** An image as a user names it, with its version. */
    private static final Pattern IMAGE =
            Pattern.compile("\\b((?:prom|grafana)/[a-z]+|backend-monitoring):(v?\\d[\\w.]*\\w)");

    /** Every YAML file but the templates of the charts, which are YAML only once rendered. */
    static Stream<Path> yamlFiles() throws IOException {
        return files().filter(file -> file.toString().matches(".*\\.ya?ml"))
                .filter(file -> !file.toString().matches("helm/[^/]+/templates/.*"));
    }

    @ParameterizedTest
    @MethodSource("yamlFiles")
    void isYaml(Path file) throws IOException {
        // Composed to its end; not loaded, which would not know Compose's own tags.
        List<Node> documents = new ArrayList<>();
        new Yaml().composeAll(new StringReader(Project.text(file))).forEach(documents::add);

        assertThat(documents).isNotEmpty();
    }

    @Test
    void everyFileThatComposeMountsIsThere() throws IOException {
        List<Path> mounted =
                services().values().stream()
                        .flatMap(service -> strings(service, "volumes"))
                        .filter(volume -> volume.startsWith("./"))
                        .map(volume -> Project.TOP.resolve(volume.split(":")[0]).normalize())
                        .toList();

        assertThat(mounted).isNotEmpty().allMatch(Files::exists);
    }

    @Test
    void everyContainerIsPinnedWatchedAndBounded() throws IOException {
        assertThat(services())
                .allSatisfy(
                        (name, service) -> {
                            assertThat((String) service.get("image")).matches(IMAGE);
                            assertThat(service)
                                    .containsKeys("healthcheck", "mem_limit", "restart")
                                    .containsEntry("cap_drop", List.of("ALL"));
                            assertThat(strings(service, "ports"))
                                    .allMatch(
                                            port -> port.startsWith("${BIND_ADDRESS:-127.0.0.1}:"));
                        });
    }

    @Test
    void nothingWaitsForAnotherContainer() throws IOException {
        assertThat(services())
                .allSatisfy((name, service) -> assertThat(service).doesNotContainKey("depends_on"));
    }

    @Test
    void whatHasBeenCollectedSurvivesTheContainers() throws IOException {
        Map<String, String> folders =
                Map.of(
                        "prom-server", "prometheus:/prometheus",
                        "alertmanager", "alertmanager:/alertmanager",
                        "loki", "loki:/loki",
                        "promtail", "promtail:/var/lib/promtail",
                        "grafana", "grafana:/var/lib/grafana");

        assertThat(Project.map(Project.compose(), "volumes")).hasSameSizeAs(folders);
        for (Map.Entry<String, String> folder : folders.entrySet()) {
            assertThat(strings(services().get(folder.getKey()), "volumes"))
                    .contains(folder.getValue());
        }
    }

    /** Its name as a host, as a target and as a container: else each line has two streams. */
    @Test
    void theServiceHasOneInstanceNameEverywhere() throws IOException {
        assertThat(services().get("backend")).containsEntry("hostname", "backend");
        assertThat(Project.composeConfig("scrape"))
                .contains("- targets: [\"backend:3000\"]\n        labels: { instance: backend }");
    }

    @Test
    void lokiForgetsAfterAWeek() throws IOException {
        Map<String, Object> loki = Project.yaml(Project.FILES.resolve("loki/loki.yaml"));

        // Retention needs all three.
        assertThat(Project.map(loki, "limits_config")).containsEntry("retention_period", "168h");
        assertThat(Project.map(loki, "compactor"))
                .containsEntry("retention_enabled", true)
                .containsKey("delete_request_store");
    }

    @Test
    void grafanaReportsToNobodyAndDownloadsNothing() throws IOException {
        assertThat(Project.map(services().get("grafana"), "environment"))
                .containsEntry("GF_ANALYTICS_REPORTING_ENABLED", "false")
                .containsEntry("GF_ANALYTICS_CHECK_FOR_UPDATES", "false")
                .containsEntry("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false")
                .containsEntry("GF_NEWS_NEWS_FEED_ENABLED", "false")
                .containsEntry("GF_PLUGINS_PREINSTALL_DISABLED", "true")
                .containsEntry("GF_PLUGINS_PREINSTALL_AUTO_UPDATE", "false")
                .containsEntry("GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED", "true");
        assertThat(Project.map(Project.yaml(Project.FILES.resolve("loki/loki.yaml")), "analytics"))
                .containsEntry("reporting_enabled", false);
    }

    @Test
    void everyImageHasOneVersionWhereverItIsNamed() throws IOException {
        Map<String, String> composes = images(Path.of("docker-compose.yml"));

        assertThat(composes).containsEntry("backend-monitoring", projectVersion());
        for (Path file :
                files().filter(f -> f.toString().matches(".*\\.(md|ya?ml)|.*Dockerfile"))
                        .toList()) {
            assertThat(composes).as(file.toString()).containsAllEntriesOf(images(file));
        }
    }

    @Test
    void grafanaKnowsHowOftenPrometheusScrapes() throws IOException {
        Map<String, Object> global =
                Project.map(
                        Project.yaml(Project.FILES.resolve("prometheus/prometheus.yml")), "global");

        assertThat(Project.text(Project.FILES.resolve("grafana/datasources.yaml")))
                .contains("timeInterval: " + global.get("scrape_interval") + " ");
    }

    @Test
    void theReadmeHasEachDefaultOfTheSimulatedWork() throws IOException {
        Map<String, Object> heavy =
                Project.map(Project.yaml(Path.of("src/main/resources/application.yml")), "heavy");

        String readme = Project.text(Path.of("README.md"));
        assertThat(heavy)
                .hasSize(5)
                .allSatisfy(
                        (name, value) -> {
                            String variable = "HEAVY_" + name.toUpperCase().replace('-', '_');
                            String cell = value.equals("") ? "" : " `" + value + "`";
                            assertThat(readme).contains("| `" + variable + "` |" + cell + " |");
                        });
    }

    @Test
    void composeGrantsTheTimeThatTheServiceTakesToStop() throws IOException {
        Matcher defaults =
                Pattern.compile("\\| `SHUTDOWN_\\w+_MS` \\| `(\\d+)` \\|")
                        .matcher(Project.text(Path.of("README.md")));
        int millis = defaults.results().mapToInt(m -> Integer.parseInt(m.group(1))).sum();

        // And two seconds to end the JVM.
        assertThat(millis).isGreaterThan(0);
        assertThat(services().get("backend"))
                .containsEntry("stop_grace_period", millis / 1000 + 2 + "s");
    }

    @Test
    void composePassesEachKnobOfTheSimulatedWorkOn() throws IOException {
        Map<String, Object> heavy =
                Project.map(Project.yaml(Path.of("src/main/resources/application.yml")), "heavy");

        assertThat(Project.map(services().get("backend"), "environment"))
                .containsKeys(
                        heavy.keySet().stream()
                                .map(name -> "HEAVY_" + name.toUpperCase().replace('-', '_'))
                                .toArray(String[]::new));
    }

    @Test
    void promtoolAcceptsThePrometheusFiles(@TempDir Path folder) throws Exception {
        PrometheusProgram promtool = PrometheusProgram.promtool();
        Files.createDirectory(folder.resolve("scrape"));
        Files.writeString(folder.resolve("scrape/compose.yml"), Project.composeConfig("scrape"));
        Path file =
                Files.writeString(
                        folder.resolve("prometheus.yml"),
                        Project.text(Project.FILES.resolve("prometheus/prometheus.yml"))
                                .replace("/etc/prometheus", folder.toString()));

        PrometheusProgram.Result check = promtool.run("check", "config", file.toString());

        assertThat(check.exitCode()).as(check.output()).isZero();
    }

    private static Map<String, Map<String, Object>> services() throws IOException {
        Map<String, Object> services = Project.map(Project.compose(), "services");
        return services.keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> Project.map(services, name)));
    }

    @SuppressWarnings("unchecked")
    private static Stream<String> strings(Map<String, Object> service, String key) {
        return ((List<String>) service.getOrDefault(key, List.of())).stream();
    }

    /** The images that a file names, and their versions. */
    private static Map<String, String> images(Path file) throws IOException {
        Matcher matcher = IMAGE.matcher(Project.text(file));
        return matcher.results()
                .collect(
                        Collectors.toMap(
                                image -> image.group(1),
                                image -> image.group(2),
                                (one, other) -> {
                                    assertThat(other).as("versions in " + file).isEqualTo(one);
                                    return one;
                                }));
    }

    private static String projectVersion() throws IOException {
        Matcher version =
                Pattern.compile("<artifactId>backend-monitoring</artifactId>\\s*<version>([^<]+)<")
                        .matcher(Project.text(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    /** The project's files, relative to its top: what Git keeps, and nothing that a build made. */
    private static Stream<Path> files() throws IOException {
        return Files.walk(Project.TOP)
                .filter(Files::isRegularFile)
                .map(Project.TOP::relativize)
                .filter(file -> !file.startsWith("target") && !file.startsWith(".git"));
    }
}
