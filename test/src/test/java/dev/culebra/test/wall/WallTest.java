package dev.culebra.test.wall;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.culebra.runtime.Devices;
import java.util.Formatter;
import java.util.Locale;

/** The walls inside the program. A broken one is a defect of the code, not of this list. */
@AnalyzeClasses(packages = "dev.culebra", importOptions = ImportOption.DoNotIncludeTests.class)
final class WallTest {

  private static final String BINDINGS = "dev.culebra.bindings..";
  private static final String GENERATED = "dev.culebra.bindings.*..";
  private static final String CPU = "dev.culebra.runtime.cpu..";
  private static final String CUDA = "dev.culebra.runtime.cuda..";

  @ArchTest
  static final ArchRule importsRunOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("cli")
          .definedBy("dev.culebra.cli..")
          .layer("train")
          .definedBy("dev.culebra.train..")
          .layer("objectives")
          .definedBy("dev.culebra.objectives..")
          .layer("models")
          .definedBy("dev.culebra.models..")
          .layer("data")
          .definedBy("dev.culebra.data..")
          .layer("runtime")
          .definedBy("dev.culebra.runtime..")
          .layer("bindings")
          .definedBy(BINDINGS)
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("train")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("objectives")
          .mayOnlyBeAccessedByLayers("cli", "train")
          .whereLayer("models")
          .mayOnlyBeAccessedByLayers("cli", "train", "objectives")
          .whereLayer("data")
          .mayOnlyBeAccessedByLayers("cli", "train", "objectives")
          .whereLayer("runtime")
          .mayOnlyBeAccessedByLayers("cli", "train", "objectives", "models", "data")
          .whereLayer("bindings")
          .mayOnlyBeAccessedByLayers("cli", "runtime");

  @ArchTest
  static final ArchRule onlyDevicesNameGeneratedBindings =
      noClasses()
          .that()
          .resideOutsideOfPackages(BINDINGS, CPU, CUDA)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(GENERATED);

  @ArchTest
  static final ArchRule onlyTheChoiceOfADeviceNamesOne =
      noClasses()
          .that()
          .resideOutsideOfPackages(CPU, CUDA)
          .and()
          .doNotBelongToAnyOf(Devices.class)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(CPU, CUDA);

  /** A device has kernels and kernels work on its buffers: the two are one side of the wall. */
  @ArchTest
  static final ArchRule runtimeHasNoCycles =
      slices()
          .assignedFrom(new Packages("dev.culebra.runtime", "device", "kernel"))
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule dataHaveNoCycles =
      slices().assignedFrom(new Packages("dev.culebra.data")).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule modelsHaveNoCycles =
      slices().assignedFrom(new Packages("dev.culebra.models")).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule objectivesHaveNoCycles =
      slices().assignedFrom(new Packages("dev.culebra.objectives")).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule trainPackagesHaveNoCycles =
      slices().assignedFrom(new Packages("dev.culebra.train")).should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that(
              resideInAnyPackage("dev.culebra..")
                  .and(not("dev.culebra.cli.."))
                  .and(not("dev.culebra.bench.."))
                  .and(not(GENERATED)))
          .should(ACCESS_STANDARD_STREAMS);

  /** Files, settings and figures are the same in every country; {@code Format} is for that. */
  @ArchTest
  static final ArchRule nothingIsFormattedByTheDefaultLocale =
      noClasses()
          .that()
          .resideOutsideOfPackage(GENERATED)
          .should()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(String.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(String.class, "toLowerCase")
          .orShould()
          .callMethod(String.class, "toUpperCase")
          .orShould()
          .callMethodWhere(
              target(owner(assignableTo(Appendable.class)))
                  .and(target(nameMatching("format|printf")))
                  .and(target(rawParameterTypes(String.class, Object[].class))))
          .orShould()
          .callConstructorWhere(
              target(owner(type(Formatter.class)))
                  .and(DescribedPredicate.not(target(takes(Locale.class)))));

  private static DescribedPredicate<CodeUnitCallTarget> takes(Class<?> type) {
    return DescribedPredicate.describe(
        "take a " + type.getSimpleName(),
        target -> target.getRawParameterTypes().stream().anyMatch(p -> p.isEquivalentTo(type)));
  }

  private static DescribedPredicate<JavaClass> not(String packages) {
    return DescribedPredicate.not(resideInAPackage(packages));
  }
}
