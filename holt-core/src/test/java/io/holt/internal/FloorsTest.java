package io.holt.internal;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.holt.internal.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A package uses only packages on lower floors; packages of one floor are strangers. */
class FloorsTest {

    /** From the ground up. */
    private static final List<List<String>> FLOORS = List.of(
            List.of("io.holt.api"),
            List.of("io.holt.internal.memory", "io.holt.internal.sync"),
            List.of("io.holt.internal.io", "io.holt.internal.layout"),
            List.of("io.holt.internal.art", "io.holt.internal.store", "io.holt.internal.wal"),
            List.of("io.holt.internal.buffer"),
            List.of("io.holt.internal.snapshot"),
            List.of("io.holt.internal.tree"),
            List.of("io.holt.internal.checkpoint"),
            List.of("io.holt.internal.engine"),
            List.of("io.holt"));

    /**
     * The one way between strangers: the latch is a word in a frame's header, and {@link Memory} is the only raw
     * access there is. A second one in {@code sync} would be worse.
     */
    private static final DescribedPredicate<JavaClass> LATCH =
            type(io.holt.internal.sync.HybridLatch.class).as("HybridLatch");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .importUrl(Memory.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void everyPackageHasAFloor() {
        Set<String> packages = MAIN.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        assertThat(packages)
                .containsExactlyInAnyOrderElementsOf(
                        FLOORS.stream().flatMap(List::stream).toList());
    }

    @Test
    void aPackageUsesOnlyLowerFloors() {
        List<String> lower = new ArrayList<>();
        for (List<String> floor : FLOORS) {
            for (String name : floor) {
                DescribedPredicate<JavaClass> exempt =
                        name.equals("io.holt.internal.sync") ? LATCH : DescribedPredicate.alwaysFalse();
                List<String> allowed = new ArrayList<>(lower);
                allowed.add(name);
                classes()
                        .that()
                        .resideInAPackage(name)
                        .and(DescribedPredicate.not(exempt))
                        .should()
                        .onlyDependOnClassesThat(DescribedPredicate.not(resideInAnyPackage("io.holt.."))
                                .or(resideInAnyPackage(allowed.toArray(String[]::new))))
                        .because("the floors below " + name + " are " + lower)
                        .check(MAIN);
            }
            lower.addAll(floor);
        }
    }

    @Test
    void theLatchUsesNothingButMemoryOfItsNeighbours() {
        classes()
                .that(LATCH)
                .should()
                .onlyDependOnClassesThat(DescribedPredicate.not(resideInAnyPackage("io.holt.."))
                        .or(resideInAnyPackage("io.holt.internal.sync"))
                        .or(type(Memory.class)))
                .check(MAIN);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.holt.(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void onlyMemoryAndIoCallRestrictedMethods() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.holt.internal.memory", "io.holt.internal.io")
                .should(callRestrictedMethods())
                .check(MAIN);
    }

    /** That the rule above sees what it should is seen where restricted methods are called. */
    @Test
    void restrictedMethodsAreRecognized() {
        assertThat(MAIN.get(Memory.class).getAccessesFromSelf()).anyMatch(access -> isRestricted(access.getTarget()));
    }

    @Test
    void onlyMemoryTouchesRawMemory() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Unsafe")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("jdk.internal.misc.Unsafe")
                .check(MAIN);
    }

    @Test
    void nothingButTheJdkAndSlf4jIsNeeded() {
        classes()
                .that(alwaysTrue())
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "org.slf4j", "io.holt.."))
                .check(MAIN);
    }

    @Test
    void fixturesAreOfTestsOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.holt.testkit..")
                .check(MAIN);
        assertThat(MAIN.stream().map(JavaClass::getPackageName)).noneMatch(name -> name.startsWith("io.holt.testkit"));
    }

    private static ArchCondition<JavaClass> callRestrictedMethods() {
        return new ArchCondition<>("call restricted methods of java.lang.foreign") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (JavaAccess<?> access : item.getAccessesFromSelf()) {
                    if (isRestricted(access.getTarget())) {
                        events.add(SimpleConditionEvent.satisfied(access, access.getDescription()));
                    }
                }
            }
        };
    }

    /** By name: the annotation of the JDK is not there at run time. */
    private static boolean isRestricted(AccessTarget target) {
        String owner = target.getOwner().getFullName();
        String name = target.getName();
        if (!(target instanceof AccessTarget.CodeUnitCallTarget)) {
            return false;
        }
        return switch (owner) {
            case "java.lang.foreign.MemorySegment" -> name.equals("reinterpret");
            case "java.lang.foreign.Linker" -> name.equals("downcallHandle") || name.equals("upcallStub");
            case "java.lang.foreign.SymbolLookup" -> name.equals("libraryLookup");
            case "java.lang.foreign.AddressLayout" -> name.equals("withTargetLayout");
            case "java.lang.ModuleLayer$Controller" -> name.equals("enableNativeAccess");
            case "java.lang.System", "java.lang.Runtime" -> name.equals("load") || name.equals("loadLibrary");
            default -> false;
        };
    }
}
