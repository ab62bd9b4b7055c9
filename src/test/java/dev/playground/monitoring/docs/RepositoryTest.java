package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** All files of the repository parse and name one version of each image. */
class RepositoryTest {
    private static final Pattern IMAGE =
            Pattern.compile(
                    "\\b((?:prom|grafana)/[a-z0-9]+|backend-monitoring):(v?\\d+\\.[\\w.]*\\w)");

    /** All but the templates of the charts, which are not YAML before they are rendered. */
    static Stream<Path> yamlFiles() throws IOException {
        return files(".*\\.ya?ml").filter(f -> !f.toString().matches("helm/[^/]+/templates/.*"));
    }

    static Stream<Path> filesWithImages() throws IOException {
        return files(".*\\.(md|ya?ml)|.*Dockerfile");
    }

    /** The files that Git keeps, relative to the top of the project. */
    private static Stream<Path> files(String name) throws IOException {
        return Files.walk(Project.TOP)
                .filter(Files::isRegularFile)
                .map(Project.TOP::relativize)
                .filter(file -> !file.startsWith("target") && !file.startsWith(".git"))
                .filter(file -> file.toString().matches(name));
    }

    @ParameterizedTest
    @MethodSource("yamlFiles")
    void yamlFileParses(Path file) {
        // Not loaded: SnakeYAML does not know Compose's tags.
        assertThat(new Yaml().composeAll(new StringReader(Project.text(file)))).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("filesWithImages")
    void imagesHaveTheVersionsOfCompose(Path file) {
        assertThat(IMAGE.matcher(Project.text(file)).results())
                .allSatisfy(image -> assertThat(image.group(2)).isEqualTo(version(image.group(1))));
    }

    @Test
    void serviceImageHasTheVersionOfThePom() {
        assertThat(Project.text(Path.of("pom.xml")))
                .containsPattern(
                        "<artifactId>backend-monitoring</artifactId>\\s*<version>"
                                + Pattern.quote(version("backend-monitoring"))
                                + "<");
    }

    @Test
    void nodePackagesMatchTheProgramsOfCompose() {
        JsonNode packages =
                Json.parse(Project.text(NodeScripts.SOURCES.resolve("package.json")))
                        .get("devDependencies");

        assertThat(Json.string(packages, "@grafana/schema")).isEqualTo(version("grafana/grafana"));
        // For Prometheus 3.x.y it is 0.(300 + x).z.
        String minor = version("prom/prometheus").split("\\.")[1];
        assertThat(Json.string(packages, "@prometheus-io/lezer-promql"))
                .startsWith("0.3" + minor + ".");
    }

    /** The version of an image in compose. */
    private static String version(String image) {
        Map<String, Object> services = Project.map(Project.compose(), "services");
        return services.keySet().stream()
                .map(name -> (String) Project.map(services, name).get("image"))
                .filter(one -> one.startsWith(image + ":"))
                .map(one -> one.substring(image.length() + 1))
                .findFirst()
                .orElse("none in compose");
    }
}
