package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What the two copies of a log line need of Loki and of Promtail to become one. */
class LogPipelineTest {
    /** As docs/log-pipeline.md says, of one stream between the two copies. */
    private static final int MEGABYTES = 8;

    /** As docs/log-pipeline.md and the README say, of an absence of Loki. */
    private static final int HOURS = 12;

    private static final Map<String, Object> LOKI =
            Project.yaml(Project.FILES.resolve("loki/loki.yaml"));
    private static final Map<String, Object> INGESTER = Project.map(LOKI, "ingester");

    @Test
    void twoCopiesWithinTheBoundFallIntoOneBlock() {
        int chunk = (int) INGESTER.get("chunk_target_size");

        assertThat(chunk).isEqualTo(MEGABYTES * 1024 * 1024);
        // A chunk that is full goes to disk within a minute, a full block waits for its chunk.
        assertThat((int) INGESTER.get("chunk_block_size")).isGreaterThanOrEqualTo(chunk);
        assertThat(INGESTER).containsEntry("sync_period", "0s");
        assertThat(page()).contains("beyond " + MEGABYTES + " MB of one stream");
    }

    @Test
    void twoCopiesGoToOneStream() {
        assertThat(Project.map(Project.map(LOKI, "limits_config"), "shard_streams"))
                .containsEntry("enabled", false);
    }

    @Test
    void lokiTakesWhatPromtailHasKept() {
        // Half the age of a chunk is how far a line may be behind.
        assertThat(INGESTER).containsEntry("max_chunk_age", 2 * HOURS + "h");
        assertThat(page()).contains(HOURS + " hours");
        assertThat(Project.text(Path.of("README.md"))).contains(HOURS + " hours");
    }

    @Test
    void promtailNeverGivesUp() {
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
    void composeTailsItsOwnContainersOnly() {
        List<Map<String, Object>> discovery =
                new Yaml()
                        .load(
                                (String)
                                        Project.map(service("promtail"), "environment")
                                                .get("DOCKER_SD"));

        // Docker wants all of the labels.
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
    void theJvmOfAContainerCanWriteTheFileOfACrash() {
        assertThat((List<?>) service("backend").get("tmpfs"))
                .anyMatch(mount -> mount.toString().startsWith("/tmp"));
        assertThat(Project.text(Path.of("k8s/backend.yaml"))).contains("mountPath: /tmp");
    }

    @Test
    void lokiCollectsGarbageBeforeItsLimitOnALaptopAndInACluster() {
        String limit = (String) Project.map(service("loki"), "environment").get("GOMEMLIMIT");

        assertThat(Project.yaml(Path.of("helm/monitoring/values.yaml")))
                .extractingByKey("loki", InstanceOfAssertFactories.MAP)
                .containsEntry("goMemLimit", limit);
    }

    private static Map<String, Object> service(String name) {
        return Project.map(Project.map(Project.compose(), "services"), name);
    }

    private static String page() {
        return Project.text(Path.of("docs/log-pipeline.md"));
    }
}
