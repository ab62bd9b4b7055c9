package dev.playground.monitoring.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random log events of every kind that the two shippers could treat differently. */
final class LogEvents {
    private static final LoggerContext CONTEXT = new LoggerContext();

    /** Text that a format on the way could interpret or cannot encode, separated by semicolons. */
    private static final String[] FRAGMENTS =
            ("; ;x;{};{;\";\\;\\u0041;\n;\r\n;\r;\t;\0;\u0001;\b;\f;\u000b;\u001f;\u007f;\u0085;\u00a0;"
                            + "\u00df;\u20ac;\u2028;\u2029;\ufeff;\ufffd;\uffff;\ud83d\ude00;\ud83d;\ude00;"
                            + "\udbff\udfff;{\"ts\":\";\"};stdout F ; stdout P ;\tat a.b.C;Caused by: ;#;"
                            + "${x};$1;%msg;<b>&amp")
                    .split(";");

    private LogEvents() {}

    /** Events within one second, with timestamps that differ in their last digits. */
    static Arbitrary<List<ILoggingEvent>> lists(int size) {
        Instant start = Instant.parse("2026-11-23T23:59:59.999999000Z");
        return event().list()
                .ofSize(size)
                .map(
                        events -> {
                            for (int i = 0; i < events.size(); i++) {
                                events.get(i).setInstant(start.plusNanos(i * 1_001L));
                            }
                            return List.copyOf(events);
                        });
    }

    private static Arbitrary<LoggingEvent> event() {
        return Combinators.combine(
                        name(),
                        Arbitraries.of(
                                Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG, Level.TRACE),
                        text().injectNull(0.05),
                        text().injectNull(0.1).array(Object[].class).ofMaxSize(3),
                        throwable(3).injectNull(0.8),
                        name(),
                        mdc())
                .as(
                        (logger, level, message, arguments, throwable, thread, mdc) -> {
                            var any = CONTEXT.getLogger("any");
                            var event =
                                    new LoggingEvent(
                                            "fqcn", any, level, message, throwable, arguments);
                            event.setLoggerName(logger);
                            event.setThreadName(thread);
                            event.setMDCPropertyMap(mdc);
                            return event;
                        });
    }

    private static Arbitrary<Map<String, String>> mdc() {
        return Arbitraries.oneOf(
                Arbitraries.just(Map.of()),
                Arbitraries.strings()
                        .withChars("0123456789abcdef")
                        .ofLength(32)
                        .map(id -> Map.of("trace_id", id)),
                name().map(odd -> Map.of("trace_id", odd, "user", odd)));
    }

    private static Arbitrary<String> name() {
        return Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.of("a.b.C", "main", "io-1-thread-2", "scala.Option$")),
                Tuple.of(1, Arbitraries.of("", " ", "\u00e9\ud83d\ude00")),
                Tuple.of(1, fragments()));
    }

    private static Arbitrary<String> text() {
        return Arbitraries.frequencyOf(
                Tuple.of(20, fragments()),
                Tuple.of(10, Arbitraries.strings().all().ofMaxLength(30)),
                Tuple.of(
                        1,
                        Combinators.combine(
                                        Arbitraries.of(FRAGMENTS),
                                        Arbitraries.integers().between(1_000, 20_000))
                                .as(String::repeat)));
    }

    private static Arbitrary<String> fragments() {
        return Arbitraries.of(FRAGMENTS).list().ofMaxSize(8).map(list -> String.join("", list));
    }

    private static Arbitrary<Throwable> throwable(int depth) {
        if (depth == 0) {
            return Arbitraries.just(new IllegalStateException());
        }
        return Combinators.combine(
                        text().injectNull(0.1),
                        throwable(depth - 1).injectNull(0.5),
                        throwable(depth - 1).injectNull(0.8),
                        fragments())
                .as(LogEvents::throwable);
    }

    private static Throwable throwable(
            String message, Throwable cause, Throwable suppressed, String method) {
        Throwable throwable = new IOException(message, cause);
        if (suppressed != null) {
            throwable.addSuppressed(suppressed);
        }
        throwable.setStackTrace(
                new StackTraceElement[] {
                    new StackTraceElement("a.b.C", method, "C.java", 7),
                    new StackTraceElement("java.lang.Thread", "run", null, -2)
                });
        return throwable;
    }
}
