package dev.playground.monitoring.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Services made from this repository, without running Maven; {@link TemplateE2E} runs it. */
class TemplateTest {
    static final List<NewService> SERVICES = NewService.BOTH;

    /** Not the field of an Ingress, and not a metric that has the prefix. */
    private static final String OLD_NAMES =
            "(?i)playground|backend(?!:\\s+service:)|(?<!%s_)(req_response_time_histogram"
                    + "|heavy[._]computation[._]|\\b(fault|incident)[._](active|value)\\b)";

    private static final String OF_PLAYGROUND =
            "FAULTS_|TRAFFIC_|GRAFANA_URL|/(faults|incidents|ledger|series|logs/recent)\\b"
                    + "|\\b(fault|incident)[._](active|value)|k6|traffic\\.(js|enabled)|docs/tour";

    private static final Pattern OF_TEMPLATE =
            Pattern.compile("NewService|template:(start|end)|src/bench");

    @TempDir static Path folder;

    @BeforeAll
    static void makeServices() throws Throwable {
        for (NewService service : SERVICES) {
            service.make(folder.resolve(service.name()));
        }
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void hasNoOldName(NewService service) throws IOException {
        expectNone(service, Pattern.compile(OLD_NAMES.formatted(service.prefix())));
        expectNone(service, OF_TEMPLATE);
    }

    @Test
    void hasNothingOfThePlaygroundWithoutIt() throws IOException {
        expectNone(SERVICES.get(1), Pattern.compile(OF_PLAYGROUND));
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void hasItsNames(NewService service) {
        Path made = folder.resolve(service.name());
        String sources = "src/main/java/" + service.packageName().replace('.', '/');

        assertThat(made.resolve(sources + "/Application.java")).exists();
        assertThat(made.resolve(sources + "/faults").toFile().exists())
                .isEqualTo(service.playground());
        assertThat(made.resolve("pom.xml"))
                .content()
                .contains("<artifactId>" + service.name() + "</artifactId>")
                .contains("<groupId>" + service.packageName().replaceFirst("\\.\\w+$", "") + "<");
        assertThat(made.resolve("helm/%s/Chart.yaml".formatted(service.name())))
                .content()
                .contains("name: " + service.name() + "\n");
        assertThat(made.resolve("helm/monitoring/files/prometheus/rules/service.yml"))
                .content()
                .contains("job_route:%s_req_response_time".formatted(service.prefix()));
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void dataFilesParse(NewService service) throws IOException {
        for (Path file : files(service)) {
            if (file.toString().endsWith(".json")) {
                assertThat(Json.parse(Files.readString(file))).as(file.toString()).isNotNull();
            }
        }
        assertThat(Project.yaml(folder.resolve(service.name()).resolve("docker-compose.yml")))
                .containsKey("services");
    }

    @ParameterizedTest
    @FieldSource("SERVICES")
    void compilesWithTheRouteOfTheExtendingPage(NewService service, @TempDir Path classes)
            throws IOException {
        Diffs.apply(folder.resolve(service.name()));

        String classPath = System.getProperty("java.class.path");
        List<String> arguments =
                new ArrayList<>(List.of("-proc:none", "-cp", classPath, "-d", classes.toString()));
        files(service).stream()
                .map(Path::toString)
                .filter(file -> file.endsWith(".java"))
                .forEach(arguments::add);
        NewService.expectCompiled(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--name Orders | --name: invalid value \"Orders\": expected 3 to 40 lower-case",
                "--name or | --name: invalid value \"or\"",
                "--name orders- | --name: invalid value \"orders-\"",
                "--name a--b | --name: invalid value \"a--b\"",
                "--name loki | --name: invalid value \"loki\"",
                "--name true | --name: invalid value \"true\"",
                "--package orders | --package: invalid value \"orders\": expected two or more",
                "--package com.acme.new | --package: invalid value \"com.acme.new\"",
                "--package com.acme.4u | --package: invalid value \"com.acme.4u\"",
                "--package java.acme | --package: invalid value \"java.acme\"",
                "--metric-prefix 2x | --metric-prefix: invalid value \"2x\": expected lower-case",
                "--metric-prefix a__b | --metric-prefix: invalid value \"a__b\"",
                "--nam orders | argument: invalid value \"--nam\": expected those below",
                "--name | argument: invalid value \"--name\"",
                "other | argument: invalid value \"other\": expected those below, and one folder",
            })
    void rejectsInvalidArgument(String arguments, String message, @TempDir Path parent)
            throws Throwable {
        Path target = parent.resolve("new");
        List<String> all = new ArrayList<>(SERVICES.get(0).arguments(target));
        all.addAll(List.of(arguments.split(" ")));

        Command.Result result = NewService.run(Project.TOP, all);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.output()).startsWith(message).contains("--without-playground");
        assertThat(target).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "src/new", "/"})
    void rejectsAFolderThatIsNotEmptyOrInside(String target) throws Throwable {
        assertThat(NewService.run(Project.TOP, SERVICES.get(0).arguments(Path.of(target))).output())
                .startsWith("FOLDER: invalid value \"%s\": expected an empty".formatted(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "# playground:start\n",
                "// playground:end\n",
                "<!-- playground:start -->\n<!-- template:end -->\n",
                "a <!-- template:start --> b\n",
            })
    void failsOnUnbalancedMarker(String text, @TempDir Path repository) {
        assertThatThrownBy(() -> copy(repository, text)).hasMessageContaining("a: unbalanced ");
    }

    @ParameterizedTest
    @CsvSource({
        "'1\n# playground:start\n2\n# playground:end\n3\n', '1\n3\n'",
        "'1\n  {{- /* playground:start */}}\n2\n  {{- /* playground:end */}}\n', '1\n'",
        "'1 <!-- playground:start -->2<!-- playground:end --> 3\n', '1  3\n'",
        "'/metrics|/health/.*|/faults|/page/.*\"', '/metrics|/health/.*\"'",
    })
    void leavesOutMarkedText(String text, String left, @TempDir Path repository) throws Throwable {
        assertThat(copy(repository, text).resolve("a")).hasContent(left);
    }

    @Test
    void copiesLinksAndPermissionsButNotTheBuildWithoutGit(@TempDir Path repository)
            throws Throwable {
        Files.createDirectories(repository.resolve("target/classes"));
        Files.writeString(repository.resolve("target/classes/b"), "");
        Files.createSymbolicLink(repository.resolve("link"), Path.of("a"));
        assertThat(repository.resolve("c").toFile().createNewFile()).isTrue();
        assertThat(repository.resolve("c").toFile().setExecutable(true)).isTrue();

        Path made = copy(repository, "text");
        assertThat(made.toFile().list()).containsExactlyInAnyOrder("a", "c", "link");
        assertThat(made.resolve("link")).isSymbolicLink().hasContent("text");
        assertThat(made.resolve("c")).isExecutable();
    }

    /** Makes a service without playground from a repository with one file. */
    private static Path copy(Path repository, String text) throws Throwable {
        Files.writeString(repository.resolve("a"), text);
        Path list = Path.of("src/template/playground.txt");
        Files.createDirectories(repository.resolve(list).getParent());
        Files.copy(Project.TOP.resolve(list), repository.resolve(list));
        Path target = Files.createTempDirectory(folder, "copy").resolve("new");
        List<String> arguments = new ArrayList<>(SERVICES.get(1).arguments(target));
        arguments.add("--skip-maven");
        assertThat(NewService.run(repository, arguments).output())
                .startsWith("Wrote ")
                .contains("Next, run there:\nmvn -q spotless:apply test ");
        return target;
    }

    private static void expectNone(NewService service, Pattern pattern) throws IOException {
        Path made = folder.resolve(service.name());
        for (Path file : files(service)) {
            String name = made.relativize(file).toString();
            String text = name.endsWith(".png") ? "" : Files.readString(file);
            assertThat(pattern.matcher(name + "\n" + text).results().map(MatchResult::group))
                    .as(name)
                    .isEmpty();
        }
    }

    private static List<Path> files(NewService service) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(service.name()))) {
            return files.filter(file -> Files.isRegularFile(file)).toList();
        }
    }
}
