package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmeTest {
    private static final String README = Project.text(Path.of("README.md"));
    private static final String RAM =
            "| %d GB free: the memory limits of the containers add up to %d MiB |";

    @Test
    void requiresTheSumOfTheMemoryLimits() {
        Map<String, Object> services = Project.map(Project.compose(), "services");
        int sum = 0;
        for (String service : services.keySet()) {
            String limit = (String) Project.map(services, service).get("mem_limit");
            sum += Integer.parseInt(limit.replace("m", ""));
        }
        assertThat(README).contains(RAM.formatted((int) Math.ceil(sum * 1.048576 / 1000), sum));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/main/resources/application.yml",
                "src/main/resources/logback.xml",
                "docker-compose.yml"
            })
    void listsEachVariableOf(Path file) {
        // Docker and Compose set the two that are left out.
        var variable = Pattern.compile("(?:\\$\\{|<key>)(?!HOSTNAME|COMPOSE_)([A-Z_]+)");

        assertThat(variable.matcher(Project.text(file)).results())
                .isNotEmpty()
                .map(match -> "\n\\|[^|]*`" + match.group(1) + "`")
                .allSatisfy(row -> assertThat(README).containsPattern(row));
    }
}
