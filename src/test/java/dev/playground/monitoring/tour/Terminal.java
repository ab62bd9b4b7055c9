package dev.playground.monitoring.tour;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One bash for a sequence of commands, which share variables and functions. */
final class Terminal implements AutoCloseable {
    private static final String END = "-- end of the command --";

    /** A command that hangs fails the test instead of blocking it. */
    private static final long LIMIT_SECONDS = 240;

    private final Process bash;
    private final Writer input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Terminal() throws IOException {
        bash = new ProcessBuilder("bash").redirectErrorStream(true).start();
        input = bash.outputWriter(StandardCharsets.UTF_8);
        Thread reader =
                new Thread(
                        () -> bash.inputReader(StandardCharsets.UTF_8).lines().forEach(lines::add));
        reader.setDaemon(true);
        reader.start();
    }

    /** The output and errors of the command, without blank lines at the end. */
    String run(String command) throws IOException, InterruptedException {
        // Without input: a command must not read the ones that follow.
        input.write("{ %s\n} </dev/null; echo; echo '%s'\n".formatted(command, END));
        input.flush();
        List<String> output = new ArrayList<>();
        while (true) {
            String line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new IllegalStateException("No end of: " + command + "\n" + output);
            }
            if (line.equals(END)) {
                return String.join("\n", output).stripTrailing();
            }
            output.add(line);
        }
    }

    @Override
    public void close() {
        bash.destroy();
    }
}
