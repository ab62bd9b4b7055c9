package dev.playground.monitoring.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.Project;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/** A service that src/template/NewService.java makes, and the program itself. */
record NewService(String name, String packageName, String prefix, boolean playground) {
    static final List<NewService> BOTH =
            List.of(
                    new NewService("order-intake", "com.acme.orders", "order_intake", true),
                    new NewService("billing", "org.example.billing.api", "acme", false));

    static final String PROGRAM = "src/template/NewService.java";

    private static final Method RUN = compile();

    private static Method compile() {
        try {
            String classes = Files.createTempDirectory("template").toString();
            expectCompiled(List.of("-Xlint:all", "-Werror", "-d", classes, PROGRAM));
            URL[] urls = {Path.of(classes).toUri().toURL()};
            return new URLClassLoader(urls)
                    .loadClass("NewService")
                    .getMethod("run", Path.class, PrintStream.class, String[].class);
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static void expectCompiled(List<String> arguments) {
        var errors = new ByteArrayOutputStream();
        int code =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, errors, arguments.toArray(String[]::new));
        assertThat(code).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    }

    /** Runs the program in this process. */
    static Command.Result run(Path source, List<String> arguments) throws Throwable {
        var out = new ByteArrayOutputStream();
        try (var print = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            Object code = RUN.invoke(null, source, print, arguments.toArray(String[]::new));
            return new Command.Result((int) code, out.toString(StandardCharsets.UTF_8));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Makes the service without running Maven. */
    void make(Path folder) throws Throwable {
        List<String> arguments = new ArrayList<>(arguments(folder));
        arguments.add("--skip-maven");
        run(Project.TOP, arguments).expectSuccess();
    }

    List<String> arguments(Path folder) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--name",
                                name,
                                "--package",
                                packageName,
                                "--metric-prefix",
                                prefix,
                                folder.toString()));
        if (!playground) {
            arguments.add("--without-playground");
        }
        return arguments;
    }

    @Override
    public String toString() {
        return name;
    }
}
