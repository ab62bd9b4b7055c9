package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The settings of Loki and Promtail that every line exactly once depends on. */
class LogPipelineTest {
    private static final Map<String, Object> LOKI =
            Project.yaml(Project.FILES.resolve("loki/loki.yaml"));
    private static final Map<String, Object> INGESTER = Project.map(LOKI, "ingester");
    private static final String PAGE = Project.text(Path.of("docs/log-pipeline.md"));

    private static final Pattern BEHIND = Pattern.compile("(\\S+ hours?) behind");

    @Test
    void lokiComparesCopiesWithinEightMegabytes() {
        int chunk = (int) INGESTER.get("chunk_target_size");

        assertThat(PAGE).contains("beyond %d MB of one stream".formatted(chunk >> 20));
        // A full chunk is flushed within a minute; a full block waits for its chunk.
        assertThat((int) INGESTER.get("chunk_block_size")).isGreaterThanOrEqualTo(chunk);
        assertThat(INGESTER).containsEntry("sync_period", "0s");
        assertThat(Project.map(Project.map(LOKI, "limits_config"), "shard_streams"))
                .containsEntry("enabled", false);
    }

    @Test
    void pagesAndAlertsNameTheBoundOfLateLines() throws IOException {
        // Loki accepts lines up to half of max_chunk_age behind the newest of their stream.
        String age = (String) INGESTER.get("max_chunk_age");
        String bound = Integer.parseInt(age.replace("h", "")) / 2 + " hours";
        List<Path> files = new ArrayList<>(Project.pages());
        files.addAll(Project.files("prometheus/rules"));

        assertThat(files)
                .flatMap(
                        file ->
                                BEHIND.matcher(Project.text(file).replaceAll("\\s+", " "))
                                        .results()
                                        .map(match -> match.group(1))
                                        .toList())
                .isNotEmpty()
                .containsOnly(bound);
        assertThat(PAGE).contains(bound);
        assertThat(Project.text(Path.of("README.md"))).contains(bound);
    }

    @Test
    void promtailRetriesIndefinitely() {
        Map<String, Object> promtail =
                Project.yaml(Project.FILES.resolve("promtail/promtail.yaml"));

        assertThat(Project.maps(promtail, "clients"))
                .isNotEmpty()
                .allSatisfy(
                        client ->
                                assertThat(Project.map(client, "backoff_config"))
                                        .containsEntry("max_retries", 0));
    }

    @Test
    void composeTailsContainersOfItsProjectOnly() {
        List<Map<String, Object>> discovery =
                new Yaml()
                        .load(
                                (String)
                                        Project.map(service("promtail"), "environment")
                                                .get("DOCKER_SD"));

        // Docker selects containers that have all of these labels.
        assertThat(Project.maps(discovery.get(0), "filters"))
                .containsExactly(
                        Map.of(
                                "name",
                                "label",
                                "values",
                                List.of(
                                        "promtail=true",
                                        "com.docker.compose.project=${COMPOSE_PROJECT_NAME}")));
    }

    @Test
    void containersHaveWritableFolderForCrashReports() {
        assertThat((List<?>) service("backend").get("tmpfs"))
                .anyMatch(mount -> mount.toString().startsWith("/tmp"));
        assertThat(Project.text(Path.of("k8s/backend.yaml"))).contains("mountPath: /tmp");
    }

    @Test
    void composeAndChartSetTheSameMemoryTargetForLoki() {
        String limit = (String) Project.map(service("loki"), "environment").get("GOMEMLIMIT");

        assertThat(Project.yaml(Path.of("helm/monitoring/values.yaml")))
                .extractingByKey("loki", InstanceOfAssertFactories.MAP)
                .containsEntry("goMemLimit", limit);
    }

    private static Map<String, Object> service(String name) {
        return Project.map(Project.map(Project.compose(), "services"), name);
    }
}
