package dev.playground.monitoring.testkit;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The service in a separate JVM, as a user starts it. */
public final class ServiceProcess implements AutoCloseable {
    /** A service that hangs fails the test instead of blocking it. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Pattern STARTED = Pattern.compile("listening on port (\\d+)");
    private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

    private final Process process;
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final List<Thread> readers;

    /**
     * @param environment all environment variables
     * @param java the arguments of {@code java}
     */
    public ServiceProcess(Map<String, String> environment, String... java) throws IOException {
        List<String> command = new ArrayList<>(List.of(JDK.resolve("java").toString()));
        // Without the C2 compiler: the tests start many short-lived processes.
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(List.of(java));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        process = builder.start();
        readers =
                List.of(
                        collect(process.inputReader(), output),
                        collect(process.errorReader(), errors));
    }

    private static Thread collect(BufferedReader from, Queue<String> lines) {
        Thread reader = new Thread(() -> from.lines().forEach(lines::add));
        reader.setDaemon(true);
        reader.start();
        return reader;
    }

    /** The port, as soon as the service logs that it is listening. */
    public int port() {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(10))
                .failFast("the service ended", () -> !process.isAlive())
                .until(() -> startedLine() != null);
        return Integer.parseInt(startedLine().group(1));
    }

    private MatchResult startedLine() {
        return output.stream()
                .flatMap(line -> STARTED.matcher(line).results())
                .findFirst()
                .orElse(null);
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + port() + path);
    }

    /** Sends a command to the JVM with the JDK's jcmd. */
    public void jcmd(String command) {
        Command.run(JDK.resolve("jcmd").toString(), Long.toString(process.pid()), command)
                .expectSuccess();
    }

    /** SIGSEGV: the JVM prints a crash report. */
    public void crash() {
        Command.run("kill", "-SEGV", Long.toString(process.pid())).expectSuccess();
    }

    /** SIGTERM. Not by {@link Process#destroy()}, which closes the output too early. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** Waits for the end of the process and of its output. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("The service is still running");
        }
        for (Thread reader : readers) {
            reader.join();
        }
        return process.exitValue();
    }

    public List<String> output() {
        return List.copyOf(output);
    }

    public List<String> errors() {
        return List.copyOf(errors);
    }

    @Override
    public void close() {
        // Process.destroyForcibly also closes the streams that the readers still read.
        process.toHandle().destroyForcibly();
    }
}
