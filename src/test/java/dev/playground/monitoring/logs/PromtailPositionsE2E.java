package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.compose.ComposeStack;
import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The image of Promtail in docker-compose.yml with promtail.yaml and a damaged positions file. It
 * prints the entries that it would push. Runs by {@code mvn -Pe2e verify}.
 */
class PromtailPositionsE2E {
    private static final String IMAGE = (String) Project.composeService("promtail").get("image");
    private static final String FILE =
            "[{targets: [localhost], labels: {namespace: local, __path__: /test/0.log}}]";
    private static final List<String> LINES =
            IntStream.range(100, 600).mapToObj(i -> "line " + i).toList();

    @BeforeAll
    static void requireImage() {
        if (!ComposeStack.hasImage(IMAGE)) {
            Requirement.E2E.isMissing("There is no Docker with the image " + IMAGE + ".");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\0\0\0\0\0\0\0\0",
                "posi",
                "positions:\n  /test/0.l",
                "positions:\n  /test/0.log: \"18",
                "positions:\n  /test/0.log: \"180\"\n\0\0\0\0",
                "positions: [1]\n",
                "[]\n",
            })
    void readsEachLineOfTheLogAgain(String positions, @TempDir Path folder) throws Exception {
        Files.write(folder.resolve("0.log"), LINES);
        Files.writeString(folder.resolve("positions.yaml"), positions);
        String config = Project.text(Project.FILES.resolve("promtail/promtail.yaml"));
        Files.writeString(
                folder.resolve("promtail.yaml"),
                config.replaceFirst(" docker_sd_configs: .*", "")
                        .replace("kubernetes_sd_configs", "static_configs"));
        String promtail = docker(command(folder)).strip();
        try {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () ->
                                    assertThat(docker(List.of("logs", promtail)))
                                            .satisfies(
                                                    log ->
                                                            assertThat(lines(log))
                                                                    .isEqualTo(LINES)));
        } finally {
            docker(List.of("rm", "--force", promtail));
        }
    }

    private static List<String> lines(String log) {
        return Pattern.compile("line \\d+").matcher(log).results().map(m -> m.group()).toList();
    }

    private static List<String> command(Path folder) {
        List<String> command = new ArrayList<>(List.of("run", "--detach"));
        command.add("--volume=" + folder + ":/test:ro");
        for (String variable :
                List.of(
                        "LOKI_URL=http://loki",
                        "LOKI_TENANT=",
                        "RELABEL=[]",
                        "KUBERNETES_SD=" + FILE)) {
            command.add("--env=" + variable);
        }
        command.addAll(
                List.of(
                        IMAGE,
                        "-config.file=/test/promtail.yaml",
                        "-config.expand-env=true",
                        "-positions.file=/test/positions.yaml",
                        "-dry-run"));
        return command;
    }

    private static String docker(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(arguments);
        return Command.run(command.toArray(String[]::new)).expectSuccess();
    }
}
