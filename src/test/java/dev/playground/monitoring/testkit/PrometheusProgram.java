package dev.playground.monitoring.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A program of Prometheus or Alertmanager, in the folder that the system property {@code
 * prometheus.bin.dir} names, else on PATH. Without one that is recent enough the test is skipped.
 */
public record PrometheusProgram(Path path) {
    private static final String FOLDER = "prometheus.bin.dir";
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)\\.\\d+");

    /** Before 3.0 a range included the sample on its left edge: alerts fired a scrape later. */
    public static PrometheusProgram prometheus() {
        return find(3, 0, "prometheus");
    }

    public static PrometheusProgram promtool() {
        return find(3, 0, "promtool");
    }

    /** Before 0.26 the address of a webhook could not be read from a file. */
    public static PrometheusProgram alertmanager() {
        return find(0, 26, "alertmanager", "prometheus-alertmanager");
    }

    public static PrometheusProgram amtool() {
        return find(0, 26, "amtool");
    }

    /**
     * @param names its own, then those that distributions give it
     */
    private static PrometheusProgram find(int oldestMajor, int oldestMinor, String... names) {
        String needed =
                " This test needs %s %d.%d or newer: put it on PATH, or name its folder by -D%s."
                        .formatted(names[0], oldestMajor, oldestMinor, FOLDER);
        String folders = System.getProperty(FOLDER, System.getenv("PATH"));
        Optional<Path> file =
                Stream.of(folders.split(File.pathSeparator))
                        .flatMap(folder -> Stream.of(names).map(name -> Path.of(folder, name)))
                        .filter(Files::isExecutable)
                        .findFirst();
        if (file.isEmpty()) {
            String where = System.getProperty(FOLDER) == null ? "on PATH" : "in " + folders;
            Requirement.PROMETHEUS.isMissing(
                    "There is no program %s %s.".formatted(names[0], where) + needed);
        }
        PrometheusProgram program = new PrometheusProgram(file.orElseThrow());
        String version = program.run("--version").output();
        if (!isRecent(version, oldestMajor, oldestMinor)) {
            Requirement.PROMETHEUS.isMissing(
                    "%s is too old, or something else: it says \"%s\"."
                                    .formatted(program.path, version.lines().findFirst().orElse(""))
                            + needed);
        }
        return program;
    }

    static boolean isRecent(String version, int oldestMajor, int oldestMinor) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.find()) {
            return false;
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        return major > oldestMajor || major == oldestMajor && minor >= oldestMinor;
    }

    /** Runs the program, which has to find nothing wrong, and returns its output. */
    public String expectSuccess(String... arguments) {
        return run(arguments).expectSuccess();
    }

    private Command.Result run(String... arguments) {
        return Command.run(command(arguments).toArray(String[]::new));
    }

    /** Starts the program, which the caller stops. */
    public Process start(Path log, String... arguments) throws IOException {
        return Command.start(log, command(arguments));
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(List.of(arguments));
        return command;
    }
}
