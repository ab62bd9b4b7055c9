package dev.playground.monitoring.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Makes services by the command of docs/template.md, builds them and runs their tests. Runs by
 * {@code mvn -Pe2e-template verify}.
 */
class TemplateE2E {
    static final List<NewService> SERVICES = NewService.BOTH;

    @TempDir static Path folder;

    @BeforeAll
    static void makeServices() {
        for (NewService service : SERVICES) {
            String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
            List<String> command = new ArrayList<>(List.of(java, NewService.PROGRAM));
            command.addAll(service.arguments(folder.resolve(service.name())));
            expectSuccess(Project.TOP, command);
        }
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void passesItsOwnTests(NewService service) {
        expectSuccess(
                folder.resolve(service.name()),
                List.of(
                        "mvn",
                        "-B",
                        "-ntp",
                        "verify",
                        // Those that depend on the names; the others take minutes.
                        "-Dit.test=ApplicationIT,DashboardsIT,DiscoveryIT,PageIT,StartUpIT"));
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void chartsLintAndRender(NewService service) {
        if (!Command.run("helm", "version").isSuccess()) {
            Requirement.E2E.isMissing("There is no helm on PATH.");
        }
        for (String chart : List.of(service.name(), "monitoring")) {
            Path made = folder.resolve(service.name());
            expectSuccess(made, List.of("helm", "lint", "--strict", "helm/" + chart));
            expectSuccess(made, List.of("helm", "template", "helm/" + chart));
        }
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void composeFileIsValid(NewService service) {
        if (!Command.run("docker", "compose", "version").isSuccess()) {
            Requirement.E2E.isMissing("There is no Docker with Compose.");
        }
        expectSuccess(folder.resolve(service.name()), List.of("docker", "compose", "config", "-q"));
    }

    /** The commands at the end of the page. */
    @Test
    void routeOfTheExtendingPagePassesItsTests(@TempDir Path parent) throws Throwable {
        Path made = parent.resolve("extended");
        SERVICES.get(1).make(made);
        Diffs.apply(made);

        Matcher commands =
                Pattern.compile("(?s)## Run the tests\n.*?```sh\n(.*?)```")
                        .matcher(Files.readString(made.resolve("docs/extending.md")));
        assertThat(commands.find()).isTrue();
        expectSuccess(made, List.of("bash", "-ec", commands.group(1)));
        assertThat(reports(made)).anyMatch(name -> name.contains("StockControllerTest"));
    }

    private static List<String> reports(Path made) {
        return Stream.of(made.resolve("target/surefire-reports").toFile().list()).toList();
    }

    /** With the programs of Prometheus that the tests of this repository use. */
    private static void expectSuccess(Path folder, List<String> command) {
        String path = System.getenv("PATH");
        String programs = System.getProperty("prometheus.bin.dir", path);
        Map<String, String> environment = Map.of("PATH", programs + File.pathSeparator + path);
        Command.run(folder, environment, "", command).expectSuccess();
    }
}
