package dev.playground.monitoring.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the programs of Prometheus and Alertmanager that tests run. They are looked up in the
 * folder that the system property {@code prometheus.bin.dir} names, else on PATH.
 *
 * <p>Where there is none, or only one that is too old, the calling test is aborted with a sentence
 * that says so.
 */
public final class PrometheusProgram {
    private static final String FOLDER = "prometheus.bin.dir";
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)\\.\\d+");

    private final Path path;

    private PrometheusProgram(Path path) {
        this.path = path;
    }

    /** The server. */
    public static PrometheusProgram prometheus() {
        return ofPrometheus("prometheus");
    }

    /** The checker of configuration, rules and metrics. */
    public static PrometheusProgram promtool() {
        return ofPrometheus("promtool");
    }

    /** The checker of Alertmanager's configuration. */
    public static PrometheusProgram amtool() {
        return ofAlertmanager("amtool");
    }

    /** Alertmanager itself. */
    public static PrometheusProgram alertmanager() {
        return ofAlertmanager("alertmanager", "prometheus-alertmanager");
    }

    /** From the first on that reads the address of a webhook from a file. */
    private static PrometheusProgram ofAlertmanager(String... names) {
        return find(List.of(names), 0, 26);
    }

    /**
     * From the major version on that the stack runs. Before it a window took the sample on its left
     * edge in, and an alert came or went a scrape later.
     */
    private static PrometheusProgram ofPrometheus(String name) {
        return find(List.of(name), 3, 0);
    }

    /**
     * @param names its own, then those that distributions give it
     */
    private static PrometheusProgram find(List<String> names, int oldestMajor, int oldestMinor) {
        String name = names.get(0);
        String oldest =
                " This test needs %s %d.%d or newer: put it on PATH, or name its folder by -D%s."
                        .formatted(name, oldestMajor, oldestMinor, FOLDER);
        String folder = System.getProperty(FOLDER);
        Optional<Path> file =
                (folder == null ? onPath() : List.of(Path.of(folder)))
                        .stream()
                                .flatMap(f -> names.stream().map(f::resolve))
                                .filter(Files::isExecutable)
                                .findFirst();
        if (file.isEmpty()) {
            Requirement.PROMETHEUS.isMissing(
                    "There is no program %s %s."
                                    .formatted(name, folder == null ? "on PATH" : "in " + folder)
                            + oldest);
        }
        PrometheusProgram program = new PrometheusProgram(file.orElseThrow());
        String version = program.run("--version").output();
        if (!isRecent(version, oldestMajor, oldestMinor)) {
            Requirement.PROMETHEUS.isMissing(
                    "%s is too old, or something else: it says \"%s\"."
                                    .formatted(file.get(), version.lines().findFirst().orElse(""))
                            + oldest);
        }
        return program;
    }

    private static List<Path> onPath() {
        List<Path> folders = new ArrayList<>();
        for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
            folders.add(Path.of(folder));
        }
        return folders;
    }

    public static boolean isRecent(String version, int oldestMajor, int oldestMinor) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.find()) {
            return false;
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        return major > oldestMajor || major == oldestMajor && minor >= oldestMinor;
    }

    /**
     * Runs the program to its end.
     *
     * @throws UncheckedIOException if it cannot be started
     */
    public Result run(String... arguments) {
        try {
            Process process = start(ProcessBuilder.Redirect.PIPE, arguments);
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * Starts the program and leaves it running; who calls this ends it.
     *
     * @param output where standard output and standard error go
     * @throws IOException if it cannot be started
     */
    public Process start(ProcessBuilder.Redirect output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(path.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    }

    /**
     * @param exitCode 0: the program found nothing wrong
     * @param output standard output and standard error, as they came
     */
    public record Result(int exitCode, String output) {}
}
