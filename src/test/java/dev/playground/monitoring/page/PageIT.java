package dev.playground.monitoring.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Json;
import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.Requirement;
import dev.playground.monitoring.testkit.ServiceProcess;
import io.micronaut.json.tree.JsonNode;
import java.io.File;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of the packaged service in a browser, as src/test/js/page.mjs uses it. */
class PageIT {
    private static final String JAR = "target/backend-monitoring.jar";

    /** Of traffic and a fault before the screenshots: 240 for docs/images/page.png. */
    private static final int SECONDS = Integer.getInteger("page.seconds", 0);

    private static final long MINUTE = 60_000;

    @Test
    void pageWorksInABrowser() throws IOException {
        String browser = browser();
        Path screenshots = Files.createDirectories(Path.of("target/page"));
        try (ServiceProcess service = service("true");
                ServiceProcess withoutFaults = service("false")) {
            String output =
                    NodeScripts.run(
                            "page.mjs",
                            "",
                            browser,
                            service.uri("/").toString(),
                            withoutFaults.uri("/").toString(),
                            screenshots.toAbsolutePath().toString(),
                            Integer.toString(SECONDS));

            JsonNode request = Json.parse(output);
            expectLogLines(Json.list(request, "links").get(0).getStringValue(), request);
            expectDashboard(Json.list(request, "links").get(1).getStringValue(), request);
        }
    }

    /** As the data source of Grafana links a trace id, from a minute before to a minute after. */
    private static void expectLogLines(String link, JsonNode request) {
        long time = request.get("time").getLongValue();
        Matcher range =
                Pattern.compile("\"from\":\"(\\d+)\",\"to\":\"(\\d+)\"").matcher(decode(link));
        assertThat(range.find()).as(link).isTrue();
        assertThat(Long.parseLong(range.group(1))).isBetween(time - 3 * MINUTE, time - MINUTE);
        assertThat(Long.parseLong(range.group(2))).isBetween(time - MINUTE, time + MINUTE);

        Matcher datasource =
                Pattern.compile("url: '(/explore[^']+trace_id[^']+)'")
                        .matcher(Project.text(Project.FILES.resolve("grafana/datasources.yaml")));
        assertThat(datasource.find()).isTrue();
        assertThat(decode(link))
                .isEqualTo(
                        "http://localhost:4000"
                                + decode(datasource.group(1))
                                        .replace("$${__value.raw}", Json.string(request, "traceId"))
                                        .replace("$${__from}", range.group(1))
                                        .replace("$${__to}", range.group(2)));
    }

    private static void expectDashboard(String link, JsonNode request) {
        Matcher url =
                Pattern.compile("http://localhost:4000/d/service\\?time=(\\d+)&time.window=300000")
                        .matcher(link);
        assertThat(url.matches()).as(link).isTrue();
        long time = request.get("time").getLongValue();
        assertThat(Long.parseLong(url.group(1))).isBetween(time - 2 * MINUTE, time);
    }

    private static String decode(String link) {
        return URLDecoder.decode(link, StandardCharsets.UTF_8);
    }

    private static ServiceProcess service(String faults) throws IOException {
        return new ServiceProcess(Map.of("PORT", "0", "FAULTS_ENABLED", faults), "-jar", JAR);
    }

    private static String browser() {
        List<String> names = List.of("chromium", "chromium-browser", "google-chrome");
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> names.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseGet(
                        () -> {
                            Requirement.BROWSER.isMissing(
                                    "There is no Chromium on PATH. This test needs one.");
                            return "";
                        });
    }
}
